"""In Chinese the pages say everything in Chinese."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tongzhou.kit.rules import SYSTEM
from tongzhou.supplies import actions
from tongzhou.supplies.actions import ReadyLine, SupplyRefused

from .stock import DAY, World, make_account


@pytest.fixture
def visited(world: World) -> list[str]:
    order = world.placed()
    ready = [ReadyLine(order.lines.get(), 60, "A1")]
    batch = actions.receive_batch(order, ready, command_id="b1", by=SYSTEM, ready_on=DAY)
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    account = make_account("administrator", world.nation)
    client.force_login(account, backend="tongzhou.people.backends.RoleBackend")
    addresses = [
        reverse("funds"),
        reverse("fund-new"),
        reverse("fund", args=["F-1"]),
        reverse("fund-receive", args=["F-1"]),
        reverse("fund-close", args=["F-1"]),
        reverse("orders"),
        reverse("order-new"),
        reverse("order", args=[order.number]),
        reverse("order-batch", args=[order.number]),
        reverse("order-pay", args=[order.number]),
        reverse("order-close", args=[order.number]),
        reverse("batch-undo", args=[batch.pk]),
        reverse("stock"),
        reverse("stock-place", args=["dock"]),
        reverse("ledger-move", args=[batch.move_id]),
    ]
    pages: list[Any] = [client.get(address) for address in addresses]
    assert {page.status_code for page in pages} == {200}
    return [page.content.decode().split('id="main"')[1].split("</main>")[0] for page in pages]


def test_no_english_is_left_on_a_chinese_page(visited: list[str]) -> None:
    for html in visited:
        words = re.sub(r"<[^>]+>", " ", "<main" + html)
        for name in ("dock", "hub", "oximeter", "PO000001", "F-1", "A1", "system:tongzhou"):
            words = words.replace(name, "")
        left = [word for word in re.findall(r"[A-Za-z]{3,}", words) if not _is_code(word, html)]
        assert not left, left


def _is_code(word: str, html: str) -> bool:
    """Command ids, digests and code names stand in cells marked as code."""
    return any(word in cell for cell in re.findall(r'class="code[^"]*">([^<]*)<', html))


def test_a_refusal_is_a_sentence_in_the_language_of_its_reader(world: World) -> None:
    with translation.override("zh-hans"), pytest.raises(SupplyRefused, match="可用 0 元"):
        actions.place_order(world.draft(), by=SYSTEM)
