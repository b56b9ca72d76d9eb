"""What files of facilities look like, and what can be wrong with them."""

from django.utils.translation import gettext_lazy as _

from tongzhou.interchange.tables import Column, Kind
from tongzhou.places.rules.problems import Sentence, add_sentences

FACILITIES = (
    Column("code", ("Facility code", "就诊点代码", "机构代码", "代码"), Kind.CODE, required=True),
    Column("name", ("Name", "名称", "机构名称"), example="城关区人民医院"),
    Column("kind", ("Kind", "类型", "机构类型"), example="医院"),
    Column("division", ("Division code", "行政区划代码", "区划代码"), Kind.CODE),
    Column("lat", ("Latitude", "纬度"), Kind.DECIMAL, minimum=-90, maximum=90, example="36.06"),
    Column(
        "lon",
        ("Longitude", "经度", "lng"),
        Kind.DECIMAL,
        minimum=-180,
        maximum=180,
        example="103.83",
    ),
    Column("address", ("Address", "地址")),
    Column("phones", ("Telephone", "电话", "联系电话"), example="0931-1234567"),
    Column("hours", ("Opening hours", "开放时间", "门诊时间"), example="Mo-Fr 08:00-17:30; PH off"),
    Column("sees_fever", ("Fever clinic", "发热门诊"), Kind.YES_NO),
    Column("sees_children", ("Sees children", "接诊儿童", "儿科"), Kind.YES_NO),
    Column("has_oxygen", ("Has oxygen", "有氧气", "吸氧"), Kind.YES_NO),
    Column("has_emergency", ("Emergency department", "急诊", "急诊科"), Kind.YES_NO),
    Column("priority", ("Call group", "核实组"), Kind.WHOLE, minimum=0, maximum=9),
    Column("source", ("Source", "数据来源", "来源")),
    Column("as_of", ("As of", "数据日期", "截至日期"), Kind.DATE),
)
LONGEST = {"name": 160, "address": 200, "phones": 120, "hours": 300}
# What people write for a kind, beside our own words.
KINDS = {
    "hospital": "hospital",
    "医院": "hospital",
    "centre": "centre",
    "卫生院": "centre",
    "乡镇卫生院": "centre",
    "社区卫生服务中心": "centre",
    "卫生服务中心": "centre",
    "fever": "fever",
    "发热门诊": "fever",
    "发热诊室": "fever",
    "clinic": "clinic",
    "诊所": "clinic",
    "卫生室": "clinic",
    "村卫生室": "clinic",
    "pharmacy": "pharmacy",
    "药店": "pharmacy",
}
SENTENCES: dict[str, Sentence] = {
    "facility.twice": (
        _("The facility {value} stands in row {other_row} too."),
        _("Keep one of the two rows."),
    ),
    "facility.new_needs": (
        _("A new facility needs a name, a kind and a division."),
        _("Fill in all three."),
    ),
    "facility.kind": (_("{value} is not a kind of facility."), _("Use one of: {limit}.")),
    "facility.half_a_point": (
        _("A point needs both a latitude and a longitude."),
        _("Fill in both or neither."),
    ),
    "facility.long": (_("The text is longer than {limit} characters."), _("Shorten it.")),
    "facility.phones": (
        _("{value} is no telephone number."),
        _("Write digits, at most three numbers with commas between them."),
    ),
    "facility.hours": (
        _("The hours “{value}” cannot be read and are kept as they are."),
        _("Write them as Mo-Fr 08:00-17:30; PH off, or let a call find them out."),
    ),
    "facility.division_unknown": (
        _("There is no division {value}."),
        _("Correct the code, or import the division first."),
    ),
    "facility.outside": (
        _("The facility {value} lies outside the area you may import for."),
        _("Leave the row out, or ask the office above to import it."),
    ),
    "facility.future": (_("The day {value} lies in the future."), _("Correct the day.")),
    "facility.merged": (
        _("The facility {value} was merged into another."),
        _("Use the code of the one that stays."),
    ),
}
add_sentences(SENTENCES)
