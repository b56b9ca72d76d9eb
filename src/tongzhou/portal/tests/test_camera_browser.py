"""From the press on the button to the field: Chromium plays drawn codes to the page as a camera."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import find_chromium
from tongzhou.portal.views import medicines

from .drawn_codes import ean13, qr
from .serving import PATHS, Site, answers, served

pytestmark = pytest.mark.browser
WIDE, HIGH = 640, 480
GTIN = "4006381333931"


def film(path: Path, rows: list[list[bool]], px: int) -> None:
    """One frame of YUV4MPEG2, 4:2:0: dark on light in the middle of the picture."""
    luma = bytearray([200]) * (WIDE * HIGH)
    left, top = (WIDE - len(rows[0]) * px) // 2, (HIGH - len(rows) * px) // 2
    for y, row in enumerate(rows):
        line = b"".join(bytes([40 if cell else 200]) * px for cell in row)
        for down in range(px):
            begin = (top + y * px + down) * WIDE + left
            luma[begin : begin + len(line)] = line
    chroma = bytes([128]) * (WIDE * HIGH // 2)
    head = f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"FRAME\n" + bytes(luma) + chroma)


@pytest.fixture
def site(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(medicines, "catalogue_codes", lambda: {f"0{GTIN}": "ibuprofen-tablet-200"})
    with served(answers([*PATHS, "/check/code/"])) as made:
        yield made


def seeing(browser: Any, path: Path, *, allowed: bool = True) -> Any:
    """A browser whose camera plays the film."""
    given = ["--use-fake-ui-for-media-stream"] if allowed else ["--deny-permission-prompts"]
    return browser.browser_type.launch(
        executable_path=find_chromium(),
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={path}",
            *given,
        ],
    )


def test_a_code_before_the_camera_comes_into_the_list(
    browser: Any, site: Site, tmp_path: Path
) -> None:
    film(tmp_path / "box.y4m", ean13(GTIN), 4)
    watching = seeing(browser, tmp_path / "box.y4m")
    context = watching.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{site.address}/check/medicine/")
    expect(page.locator("#kept[data-kept=true]")).to_have_count(1)
    assert not [path for path in site.asked if "zxing" in path]
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("[data-f=name]").first).to_have_value(GTIN, timeout=15_000)
    expect(page.locator("#camera")).to_be_hidden()
    # The camera is off again, and the reader stays for when there is no network.
    assert page.evaluate("document.querySelector('video').srcObject === null")
    context.set_offline(True)
    page.reload()
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("[data-f=name]").first).to_have_value(GTIN, timeout=15_000)
    watching.close()


@pytest.mark.slow
def test_a_scanned_code_is_sent_like_a_typed_one(browser: Any, site: Site, tmp_path: Path) -> None:
    text = "https://t.example/trace/parcels/P2345678ABCD/"
    film(tmp_path / "label.y4m", qr(text), 8)
    watching = seeing(browser, tmp_path / "label.y4m")
    page = watching.new_page()
    page.goto(f"{site.address}/check/code/")
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.get_by_role("button", name="Scan with the camera").click()
    assert "P2345678ABCD" in (sent.value.post_data or "")
    watching.close()


@pytest.mark.slow
def test_without_leave_to_look_it_says_to_type(browser: Any, site: Site, tmp_path: Path) -> None:
    film(tmp_path / "nothing.y4m", [[False]], 1)
    watching = seeing(browser, tmp_path / "nothing.y4m", allowed=False)
    page = watching.new_page()
    page.goto(f"{site.address}/check/code/")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("#camera [role=status]")).to_contain_text("Type the code instead")
    watching.close()
