"""Receive tokens: 128 bits, typed or scanned, stored as a hash only."""

import hashlib
import re

import pytest

from tongzhou.interchange import receive_tokens
from tongzhou.interchange.refusals import CodeRefused


def test_a_token_is_26_characters_that_an_address_may_hold():
    made = receive_tokens.new_token()
    assert re.fullmatch("[A-Z2-7]{26}", made)
    assert receive_tokens.token(made) == made


def test_tokens_differ():
    assert len({receive_tokens.new_token() for _ in range(1_000)}) == 1_000


def test_all_128_bits_vary():
    import base64

    numbers = [
        int.from_bytes(base64.b32decode(receive_tokens.new_token() + "======")) for _ in range(200)
    ]
    for bit in range(128):
        ones = sum(number >> bit & 1 for number in numbers)
        assert 50 < ones < 150


def test_what_was_typed_is_brought_into_the_form_it_was_made_in():
    made = "ABCDEFGHIJKLMNOPQRSTUVWXYA"
    assert receive_tokens.token(made.lower()) == made
    assert receive_tokens.token(" abcd-efgh ijkl-mnop qrst-uvwx-ya ") == made
    assert receive_tokens.token(made.replace("O", "0").replace("I", "1").replace("B", "8")) == made


@pytest.mark.parametrize("typed", ["", "A" * 25, "A" * 27, "A" * 25 + "B", "9" * 26, "甲" * 26])
def test_what_is_no_token_is_refused_and_never_repeated(typed):
    with pytest.raises(CodeRefused) as refused:
        receive_tokens.token(typed)
    assert refused.value.code == "token.form"
    assert refused.value.params == {}


def test_the_stored_hash_is_sha_256_of_the_token():
    made = receive_tokens.new_token()
    assert receive_tokens.token_hash(made) == hashlib.sha256(made.encode()).digest()
    assert receive_tokens.token_hash(made.lower()) == receive_tokens.token_hash(made)
