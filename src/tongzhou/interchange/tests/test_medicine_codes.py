"""Codes on boxes: recognised in every form they come in, and never more than recognised."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.interchange.medicine_codes import CodeRead, Fault, MedicineCode, read_code
from tongzhou.interchange.trace_ids import TraceKind, new_trace_id

CHINESE = "81234567890123456789"
GTIN = "6901234567892"


class TestChinese:
    """Twenty digits, the first seven of them the product."""

    @pytest.mark.parametrize(
        "text",
        [
            CHINESE,
            f" {CHINESE}\n",
            "8123456 7890123 456789",
            "８１２３４５６７８９０１２３４５６７８９",
            f"https://code.example/trace?c={CHINESE}",
            f"http://code.example/{CHINESE}/x",
        ],
    )
    def test_every_way_to_write_it(self, text):
        read = read_code(text)
        assert (read.kind, read.product, read.serial) == (MedicineCode.CHINESE, "8123456", CHINESE)
        assert read.fault is None

    @pytest.mark.parametrize("length", [19, 21, 7, 1])
    def test_another_number_of_digits_is_none(self, length):
        assert read_code("8" * length) == CodeRead(MedicineCode.UNKNOWN, fault=Fault.LENGTH)


class TestGtin:
    """The number below a bar code, with its check digit."""

    @pytest.mark.parametrize("text", [GTIN, "06901234567892", "690-1234567892", "690 1234 567892"])
    def test_thirteen_and_fourteen_digits_are_one_product(self, text):
        assert read_code(text) == CodeRead(MedicineCode.GTIN, product="06901234567892")

    def test_a_wrong_check_digit_is_said(self):
        assert read_code("6901234567893").fault is Fault.CHECK_DIGIT

    @given(st.integers(0, 12), st.integers(1, 9))
    def test_every_single_wrong_digit_is_found(self, at, by):
        wrong = GTIN[:at] + str((int(GTIN[at]) + by) % 10) + GTIN[at + 1 :]
        assert read_code(wrong).fault is Fault.CHECK_DIGIT


class TestGs1:
    """Element strings as scanners give them and as boxes print them."""

    WHOLE = CodeRead(
        MedicineCode.GS1,
        product="06901234567892",
        lot="A1",
        serial="X9",
        expires_on=date(2025, 12, 31),
    )

    @pytest.mark.parametrize(
        "text",
        [
            "010690123456789217251231" + "10A1\x1d21X9",
            "]d2010690123456789217251231" + "10A1\x1d21X9",
            "]C1010690123456789217251231" + "10A1\x1d21X9",
            "(01)06901234567892(17)251231(10)A1(21)X9",
        ],
    )
    def test_gtin_expiry_lot_and_serial(self, text):
        assert read_code(text) == self.WHOLE

    def test_day_zero_is_the_last_of_the_month(self):
        assert read_code("(01)06901234567892(17)240200").expires_on == date(2024, 2, 29)

    def test_a_wrong_gtin_inside_is_said(self):
        read = read_code("(01)06901234567893(10)A1")
        assert (read.fault, read.product) == (Fault.CHECK_DIGIT, "")

    def test_a_month_thirteen_is_said(self):
        assert read_code("(01)06901234567892(17)251331").fault in (Fault.DATE, Fault.ELEMENTS)

    @pytest.mark.parametrize("text", ["]d2", "(01)123", "(99", "]d2zz\x1d"])
    def test_broken_elements_are_said(self, text):
        assert read_code(text).fault is not None


class TestOwn:
    """Our labels lead to their trace, a slip to nothing."""

    def test_a_parcel_by_id_or_address(self):
        parcel = new_trace_id(TraceKind.PARCEL)
        for text in (parcel, parcel.lower(), f"https://a.example/trace/parcels/{parcel}/"):
            assert read_code(text) == CodeRead(MedicineCode.PARCEL, parcel=parcel)

    def test_a_slip_gives_nothing_of_its_token_away(self):
        assert read_code("https://a.example/c/0123456789ABCDEF/") == CodeRead(MedicineCode.SLIP)

    def test_a_shipment_is_no_medicine(self):
        assert read_code(new_trace_id(TraceKind.SHIPMENT)).fault is Fault.CHARACTERS


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_nothing_typed_is_said(text):
    assert read_code(text).fault is Fault.EMPTY


@given(st.text(max_size=500))
def test_whatever_is_pasted_is_answered(text):
    read = read_code(text)
    assert (
        read.fault is not None
        or read.product
        or read.parcel
        or read.kind
        in (
            MedicineCode.SLIP,
            MedicineCode.GS1,
        )
    )
