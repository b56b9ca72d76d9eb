"""What files of medicine codes look like, and what can be wrong with them."""

from django.utils.translation import gettext_lazy as _

from tongzhou.interchange.medicine_codes import MedicineCode, read_code
from tongzhou.interchange.tables import Column, Kind, Limits
from tongzhou.places.rules.problems import Sentence, add_sentences

PRODUCT_DIGITS = 7
MEDICINES = (
    Column(
        "code",
        ("Product code", "产品编码", "药品标识码", "条码"),
        Kind.CODE,
        required=True,
        example="8412345",
    ),
    Column("name", ("Name", "药品名称", "通用名"), required=True, example="布洛芬片"),
    Column("name_en", ("English name", "英文名称")),
    Column("maker", ("Maker", "生产企业", "厂家"), example="某某制药有限公司"),
    Column("strength", ("Strength", "规格"), example="0.2 g"),
    Column("catalogue_id", ("Catalogue id", "目录编号"), Kind.CODE, example="ibuprofen-tablet-200"),
    Column("source", ("Source", "数据来源", "来源"), required=True, example="药监局药品编码"),
    Column("as_of", ("As of", "数据日期", "截至日期"), Kind.DATE, required=True),
)
LONGEST = {"name": 120, "name_en": 120, "maker": 120, "strength": 60, "source": 120}
MEDICINE_LIMITS = Limits(rows=200_000)
SENTENCES: dict[str, Sentence] = {
    "medicine.code": (
        _("{value} is neither the 7 digits of a trace code nor a GTIN with its check digit."),
        _("Compare it with the box; a GTIN has 8, 12, 13 or 14 digits."),
    ),
    "medicine.twice": (
        _("The code {value} stands in row {other_row} too."),
        _("Keep one of the two rows."),
    ),
    "medicine.long": (_("The text is longer than {limit} characters."), _("Shorten it.")),
    "medicine.catalogue": (
        _("The catalogue has no medicine {value}."),
        _("Leave the cell empty, or write the id as the catalogue has it."),
    ),
    "medicine.future": (_("The day {value} lies in the future."), _("Correct the day.")),
    "medicine.outside": (
        _("Medicine codes hold for the whole country."),
        _("Ask the office at the top to import the file."),
    ),
    "medicine.no_places": (
        _("No places are loaded yet."),
        _("Run “tongzhou init” first."),
    ),
}
add_sentences(SENTENCES)


def product_code(text: str) -> str | None:
    """The code as it is kept: 7 digits of a trace code, or a GTIN as 14; None for another."""
    if len(text) == PRODUCT_DIGITS and text.isascii() and text.isdigit():
        return text
    read = read_code(text)
    return read.product if read.kind == MedicineCode.GTIN and read.fault is None else None
