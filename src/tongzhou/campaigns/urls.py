"""Addresses of the campaigns pages."""

from django.urls import path

from .views import changes, imports, needs, pages, recipients

urlpatterns = [
    path("desk/campaigns/", pages.campaign_list, name="campaigns"),
    path("desk/campaigns/new/", changes.new_campaign, name="campaign-new"),
    path("desk/campaigns/<str:public_id>/", pages.campaign, name="campaign"),
    path("desk/campaigns/<str:public_id>/change/", changes.change_frame, name="campaign-change"),
    path("desk/campaigns/<str:public_id>/state/", changes.change_state, name="campaign-state"),
    path("desk/campaigns/<str:public_id>/items/", changes.add_item, name="campaign-item"),
    path(
        "desk/campaigns/<str:public_id>/items/<int:pk>/",
        changes.change_item,
        name="campaign-item-change",
    ),
    path("desk/campaigns/<str:public_id>/recipients/", recipients.recipients, name="recipients"),
    path("desk/campaigns/<str:public_id>/recipients/new/", recipients.new, name="recipient-new"),
    path(
        "desk/campaigns/<str:public_id>/recipients/<int:pk>/remove/",
        recipients.remove,
        name="recipient-remove",
    ),
    path("desk/campaigns/<str:public_id>/funds/", changes.add_fund, name="campaign-fund"),
    path("desk/campaigns/<str:public_id>/promises/", changes.promises, name="promises"),
    path("desk/campaigns/<str:public_id>/needs/", needs.need_list, name="needs"),
    path("desk/campaigns/<str:public_id>/needs/new/", needs.new_need, name="need-new"),
    path("desk/campaigns/<str:public_id>/needs/<int:pk>/", needs.need, name="need"),
    path(
        "desk/campaigns/<str:public_id>/import/<str:kind>/", imports.upload, name="campaign-import"
    ),
]
