"""Items: the one list from which everybody chooses, and a new entry of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongzhou.kit import access, paging
from tongzhou.people.queries import actor

from .. import actions, queries
from ..forms import ItemForm
from .pages import account_of, done, form_page

ITEMS_A_PAGE = 100


@access.requires("stock.view")
def items(request: HttpRequest) -> HttpResponse:
    """Every item of the installation, by code, with what a carton of it holds."""
    seen = queries.items()
    page = paging.page(seen, "code", after=request.GET.get("after", ""), size=ITEMS_A_PAGE)
    cartons = queries.carton_units(page.rows)
    context = {
        "rows": [(item, cartons.get(item.pk)) for item in page.rows],
        "count": seen.count(),
        "pager": {"next_url": f"?after={page.next}" if page.next else ""},
        "may_add": queries.is_top_office(account_of(request), "orders.edit"),
        "crumbs": [(_("Stock"), reverse("stock")), (_("Items"), "")],
    }
    return render(request, "supplies/items.html", context)


@access.requires("orders.edit")
def new_item(request: HttpRequest) -> HttpResponse:
    """Record an item. All offices share the list, so the office at the top keeps it."""
    if not queries.is_top_office(account_of(request), "orders.edit"):
        raise PermissionDenied("orders.edit at the top of the tree")
    form = ItemForm(request.POST or None)

    def create(given: dict[str, Any]) -> object:
        return actions.create_item(by=actor(request), **given)

    if request.method == "POST" and done(form, create):
        messages.success(request, _("The item is recorded. It can be chosen from now on."))
        return redirect("items")
    title = _("New item")
    crumbs = [(_("Stock"), reverse("stock")), (_("Items"), reverse("items")), (title, "")]
    return form_page(request, form, title, _("Record"), crumbs, cancel=reverse("items"))
