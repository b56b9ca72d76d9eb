"""Open and steer a campaign, record promises, collect and verify needs."""

from .campaigns import (
    CampaignRefused,
    NewCampaign,
    NewItem,
    NewRecipient,
    add_fund,
    add_item,
    add_recipients,
    change_state,
    open_campaign,
)
from .needs import query_need, state_need, verify_need
from .promises import record_promise

__all__ = [
    "CampaignRefused",
    "NewCampaign",
    "NewItem",
    "NewRecipient",
    "add_fund",
    "add_item",
    "add_recipients",
    "change_state",
    "open_campaign",
    "query_need",
    "record_promise",
    "state_need",
    "verify_need",
]
