"""What files of needs and promises look like, and what can be wrong with them."""

from django.utils.translation import gettext_lazy as _

from tongzhou.interchange.tables import Column, Kind, Limits
from tongzhou.places.rules.problems import Sentence, add_sentences

NEEDS = (
    Column(
        "place",
        ("Place code", "机构代码", "卫生室代码", "地点代码", "编码", "代码"),
        Kind.CODE,
        required=True,
    ),
    Column("item", ("Item code", "物资代码", "物资编码"), Kind.CODE),
    Column(
        "units_asked",
        ("Units asked for", "申请数量", "需求数量", "units", "Units asked"),
        Kind.WHOLE,
        required=True,
    ),
    Column("stock_units", ("Units there already", "现有数量", "库存数量", "stock"), Kind.WHOLE),
    Column("source", ("Kind of statement", "填报类型", "数据类型"), example="request"),
    Column("evidence", ("Evidence", "依据", "说明")),
    Column("as_of", ("As of", "数据日期", "截至日期"), Kind.DATE),
    Column("campaign", ("Campaign id", "行动编号"), Kind.CODE),
)
PROMISES = (
    Column("producer", ("Producer code", "企业代码", "厂家代码"), Kind.CODE, required=True),
    Column("item", ("Item code", "物资代码", "物资编码"), Kind.CODE),
    Column("batch", ("Batch", "批次"), Kind.WHOLE, required=True, minimum=1, maximum=999),
    Column("day", ("Day", "交货日期", "日期"), Kind.DATE, required=True),
    Column("units", ("Units", "数量"), Kind.WHOLE, required=True),
    Column("status", ("How sure", "确定程度", "状态", "status"), required=True, example="firm"),
    Column("campaign", ("Campaign id", "行动编号"), Kind.CODE),
)
# The event of an import keeps what every changed promise was before, and an event holds 64 KiB.
PROMISE_LIMITS = Limits(rows=400)
EVIDENCE_CHARS = 300

# What people write for a kind of statement or a status, beside our own words.
SOURCES = {
    "request": "request",
    "申请": "request",
    "需求": "request",
    "estimate": "estimate",
    "估算": "estimate",
    "估计": "estimate",
    "count": "count",
    "盘点": "count",
    "清点": "count",
}
STATUSES = {
    "firm": "firm",
    "确定": "firm",
    "已确定": "firm",
    "expected": "expected",
    "预计": "expected",
}

SENTENCES: dict[str, Sentence] = {
    "need.place_unknown": (
        _("There is no place {value}."),
        _("Correct the code, or import the place first."),
    ),
    "need.place_outside": (
        _("The place {value} is outside the area you may state needs for."),
        _("Leave the row out, or ask the office above to import it."),
    ),
    "need.place_elsewhere": (
        _("The place {value} lies outside the area of this campaign."),
        _("Leave the row out, or choose another campaign."),
    ),
    "need.place_closed": (
        _("The place {value} is closed."),
        _("Leave the row out, or use the place that took over."),
    ),
    "need.not_for_kind": (
        _("The campaign gives nothing of {limit} to places like {value}."),
        _("Leave the row out, or let the coordinator add the item for places of this kind."),
    ),
    "need.source": (
        _("{value} is not a kind of statement."),
        _("Use one of: {limit}."),
    ),
    "need.evidence_long": (
        _("The evidence is longer than {limit} characters."),
        _("Shorten it, and keep the full text with your papers."),
    ),
    "need.twice": (
        _("The same place, item and kind of statement stand in row {other_row} too."),
        _("Keep one of the two rows."),
    ),
    "campaign.item_missing": (
        _("The row does not say which item it is about."),
        _("Fill in the item code, one of: {limit}."),
    ),
    "campaign.item_unknown": (
        _("The campaign has no item {value}."),
        _("Use one of: {limit}."),
    ),
    "campaign.closed": (
        _("The campaign is closed."),
        _("Open it again, or ask the office that leads it to do so; then import the file."),
    ),
    "campaign.no_items": (
        _("The campaign has no items yet."),
        _("Let the coordinator say first what each place is to get."),
    ),
    "campaign.other": (
        _("The row belongs to the campaign {value}, not to {limit}."),
        _("Import the file at its own campaign, or take the row out."),
    ),
    "promise.producer_unknown": (
        _("There is no producer {value}."),
        _("Correct the code, or add the organisation as a producer first."),
    ),
    "promise.outside": (
        _("Promises belong to the whole campaign, and your area is only a part of it."),
        _("Ask the office that leads the campaign to import them."),
    ),
    "promise.status": (
        _("{value} does not say how sure the promise is."),
        _("Use one of: {limit}."),
    ),
    "promise.twice": (
        _("The same producer, item and batch stand in row {other_row} too."),
        _("Keep one of the two rows."),
    ),
}
add_sentences(SENTENCES)
