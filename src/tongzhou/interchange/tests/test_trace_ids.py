"""Trace ids: every single wrong character and every exchange of neighbours is found."""

import itertools
import re

import pytest

from tongzhou.interchange import trace_ids
from tongzhou.interchange.refusals import CodeRefused
from tongzhou.interchange.trace_ids import ALPHABET, TraceKind, new_trace_ids, trace_id, trace_kind

SAMPLES = [id for kind in TraceKind for id in new_trace_ids(kind, 5)]


def accepted(text):
    try:
        return trace_id(text)
    except CodeRefused:
        return None


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (TraceKind.PARCEL, r"P-.{5}-.{5}-."),
        (TraceKind.CARTON, r"C-.{5}-.{5}-."),
        (TraceKind.SHIPMENT, r"S-.{4}-.{4}-."),
        (TraceKind.DONATION, r"D-.{4}-.{4}-."),
        (TraceKind.CAMPAIGN, r"K-.{4}-.{4}-."),
    ],
)
def test_an_id_says_what_it_is_and_is_written_in_groups(kind, form):
    written = trace_ids.new_trace_id(kind)
    assert re.fullmatch(form, written)
    assert set(written) <= {*ALPHABET, "-"}
    assert trace_id(written, kind) == written
    assert trace_kind(written) is kind
    assert len(written) <= 20


def test_the_example_of_the_message_is_an_id():
    assert accepted(trace_ids._EXAMPLE) == trace_ids._EXAMPLE


@pytest.mark.parametrize("written", SAMPLES, ids=range(len(SAMPLES)))
def test_every_single_wrong_character_is_found(written):
    """The letter, every place of the groups and the check character, each other symbol."""
    plain = written.replace("-", "")
    for place, symbol in itertools.product(range(len(plain)), ALPHABET):
        if symbol != plain[place]:
            assert accepted(plain[:place] + symbol + plain[place + 1 :]) is None


@pytest.mark.parametrize("written", SAMPLES, ids=range(len(SAMPLES)))
def test_every_exchange_of_two_characters_is_found(written):
    plain = written.replace("-", "")
    for left, right in itertools.combinations(range(len(plain)), 2):
        swapped = list(plain)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        if swapped != list(plain):
            assert accepted("".join(swapped)) is None


def test_a_lost_or_doubled_character_is_found():
    for written in SAMPLES:
        plain = written.replace("-", "")
        for place in range(len(plain)):
            assert accepted(plain[:place] + plain[place + 1 :]) is None
            assert accepted(plain[:place] + plain[place] + plain[place:]) is None


def test_every_pair_of_weights_differs_so_that_the_proof_holds_for_all_ids():
    """Errors show because each symbol's weight is not zero and no two places have the same."""
    weights = [tuple(trace_ids._weighted(place).values()) for place in range(12)]
    assert len(set(weights)) == 12
    for place in weights:
        assert len(set(place)) == 32


def test_what_was_typed_is_brought_into_the_written_form():
    written = SAMPLES[-1]
    assert trace_id(written.lower()) == written
    assert trace_id(written.replace("-", "")) == written
    assert trace_id(f"  {written.replace('-', ' ')}\u3000") == written
    assert trace_id(written.replace("-", "—")) == written
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in written)
    assert trace_id(full_width) == written


def test_letters_that_look_like_digits_are_read_as_digits():
    written = next(id for id in iter_parcels() if {"0", "1"} <= set(id))
    for zero, one in itertools.product("Oo", "IiLl"):
        assert trace_id(written.replace("0", zero).replace("1", one)) == written


def iter_parcels():
    while True:
        yield from new_trace_ids(TraceKind.PARCEL, 100)


@pytest.mark.parametrize(
    "typed", ["", "P", "X-7K3M-9QX2-4", "P-7K3M9-QX24T", "P-7K3M9-QX24U-K", "甲", "P" * 1000]
)
def test_what_is_no_id_is_refused(typed):
    with pytest.raises(CodeRefused) as refused:
        trace_id(typed)
    assert refused.value.code == "trace.form"
    assert "P-7K3M9-QX24T-K" in str(refused.value)


def test_a_wrong_character_and_a_wrong_kind_have_their_own_sentence():
    written = trace_ids.new_trace_id(TraceKind.CARTON)
    wrong = written[:-1] + ("0" if written[-1] != "0" else "2")
    with pytest.raises(CodeRefused) as refused:
        trace_id(wrong)
    assert refused.value.code == "trace.check"
    with pytest.raises(CodeRefused) as refused:
        trace_id(written, TraceKind.PARCEL)
    assert refused.value.code == "trace.kind"
    assert "begins with P" in str(refused.value)


def test_many_ids_are_all_different():
    ids = new_trace_ids(TraceKind.DONATION, 5_000)
    assert len(set(ids)) == 5_000


def test_ids_use_every_symbol_about_as_often():
    drawn = "".join(id[2:12].replace("-", "") for id in new_trace_ids(TraceKind.PARCEL, 2_000))
    assert all(400 < drawn.count(symbol) < 800 for symbol in ALPHABET)
