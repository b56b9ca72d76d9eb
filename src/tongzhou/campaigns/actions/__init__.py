"""Open and steer a campaign, record promises, collect and verify needs."""

from .campaigns import (
    CampaignRefused,
    Frame,
    NewCampaign,
    NewItem,
    add_fund,
    add_item,
    change_frame,
    change_item,
    change_state,
    open_campaign,
)
from .needs import query_need, state_need, verify_need
from .needs_import import import_needs, preview_needs, read_needs
from .promises import record_promise
from .promises_import import import_promises, preview_promises, read_promises
from .recipients import NewRecipient, add_recipients, remove_recipient

__all__ = [
    "CampaignRefused",
    "Frame",
    "NewCampaign",
    "NewItem",
    "NewRecipient",
    "add_fund",
    "add_item",
    "add_recipients",
    "change_frame",
    "change_item",
    "change_state",
    "import_needs",
    "import_promises",
    "open_campaign",
    "preview_needs",
    "preview_promises",
    "query_need",
    "read_needs",
    "read_promises",
    "record_promise",
    "remove_recipient",
    "state_need",
    "verify_need",
]
