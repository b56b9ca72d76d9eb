"""A masked value can be recognised by who knows it, and used by nobody."""

import pytest

from tongzhou.kit.masks import mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+8613812341234", "+86138****1234"),
        ("5551234", "*****34"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_a_phone_keeps_its_ends(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("email", "shown"),
    [("zhang.san@example.org", "z***@example.org"), ("@example.org", "***@example.org")],
)
def test_an_address_keeps_its_first_letter_and_domain(email, shown):
    assert mask_email(email) == shown


def test_what_is_no_address_is_masked_as_a_name():
    assert mask_email("zhang") == "z***"


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("欧阳娜娜", "欧***"), ("王", "王"), ("", "")]
)
def test_a_name_keeps_its_first_character(name, shown):
    assert mask_name(name) == shown
