"""The columns of the files of places and divisions; the first header is the one we write."""

from tongzhou.interchange.tables import Column, Kind

PLACES = (
    Column("code", ("Place code", "机构代码", "卫生室代码", "编码", "代码"), Kind.CODE),
    Column("division", ("Village code", "村代码", "行政区划代码", "区划代码"), Kind.CODE),
    Column(
        "number", ("Number in the village", "村内序号", "序号"), Kind.WHOLE, minimum=1, maximum=9999
    ),
    Column(
        "name",
        ("Name", "名称", "机构名称", "卫生室名称"),
        required=True,
        example="东风村卫生室",
    ),
    Column("kind", ("Kind", "类型", "机构类型"), example="卫生室"),
    Column("lat", ("Latitude", "纬度"), Kind.DECIMAL, minimum=-90, maximum=90, example="36.06"),
    Column(
        "lon",
        ("Longitude", "经度", "lng"),
        Kind.DECIMAL,
        minimum=-180,
        maximum=180,
        example="103.83",
    ),
    Column(
        "people65",
        ("People aged 65 and over", "65岁及以上人口"),
        Kind.DECIMAL,
        maximum=10**7,
        example="180",
    ),
    Column("risk_share", ("Share at risk", "高风险比例"), Kind.DECIMAL, maximum=1, example="0.3"),
    Column("remoteness", ("Remoteness", "偏远系数"), Kind.DECIMAL, maximum=100),
    Column("growth", ("Growth of need", "需求增长"), Kind.DECIMAL, maximum=1000),
    Column("closed", ("Closed", "已关闭", "停用"), Kind.YES_NO),
    Column("source", ("Source", "数据来源", "来源")),
    Column("as_of", ("As of", "数据日期", "截至日期"), Kind.DATE),
)
FIGURES = ("people65", "risk_share", "remoteness", "growth")

DIVISIONS = (
    Column("code", ("Division code", "行政区划代码", "区划代码", "代码"), Kind.CODE, required=True),
    Column("name", ("Name", "名称"), example="东风村"),
    Column("parent", ("Parent code", "上级代码"), Kind.CODE),
    Column("level", ("Level", "级别", "层级"), Kind.WHOLE, maximum=5),
    Column("kind", ("Kind", "类型")),
    Column("lat", ("Latitude", "纬度"), Kind.DECIMAL, minimum=-90, maximum=90),
    Column("lon", ("Longitude", "经度", "lng"), Kind.DECIMAL, minimum=-180, maximum=180),
    Column("valid_from", ("Valid from", "生效日期"), Kind.DATE),
    Column("valid_to", ("Valid to", "失效日期", "撤销日期"), Kind.DATE),
    Column("successor", ("Successor code", "后继代码", "并入代码"), Kind.CODE),
)

# What people write for a kind of place, beside our own words.
KINDS = {
    "卫生室": "clinic",
    "村卫生室": "clinic",
    "诊所": "clinic",
    "医院": "hospital",
    "卫生院": "hospital",
    "仓库": "depot",
    "物资站": "depot",
    "物资中心": "hub",
    "中转站": "hub",
    "生产企业": "producer",
    "服务点": "point",
    "车辆": "vehicle",
}
