"""What stands on a route sheet, in both languages: the library has no catalogue of its own."""

from dataclasses import dataclass
from datetime import date

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language; what is in braces is filled in. `join` stands between two."""

    lang: str
    title: str
    day: str
    stops: str
    units: str
    kilometres: str
    leaves: str
    back: str
    trip: str
    load: str
    number: str
    arrival: str
    place: str
    received: str
    code: str
    estimated: str
    depot: str
    on_phone: str
    straight: str
    unplaced: str
    guessed: str
    handed_out: str
    driver: str
    brought_back: str
    page: str
    demonstration: str
    as_of: str
    join: str
    length_m: str
    length_km: str

    def day_name(self, day: int, first: date | None) -> str:
        """'Day 2 · 9 January 2023', without the date where nobody has set the first day."""
        text = self.day.format(n=day)
        return text if first is None else f"{text} · {self.date_text(day_after(first, day))}"

    def date_text(self, on: date) -> str:
        if self.lang == "zh":
            return f"{on.year}年{on.month}月{on.day}日"
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def day_after(first: date, day: int) -> date:
    """The date of a day of the routes; day 1 is `first`."""
    return date.fromordinal(first.toordinal() + day - 1)


ENGLISH = Words(
    lang="en",
    title="Route sheet",
    day="Day {n}",
    stops="Stops",
    units="Units",
    kilometres="km",
    leaves="Leaves",
    back="Back at",
    trip="Trip {n}",
    load="Load",
    number="No.",
    arrival="Arrival",
    place="Place",
    received="Received by: name, time",
    code="Code",
    estimated="Point estimated: ask on the way",
    depot="Depot: {name}",
    on_phone="Open on a phone",
    straight="Straight lines; the road is longer.",
    unplaced="{n} not on the map: the point is not known.",
    guessed="Dashed circle: the point is an estimate.",
    handed_out="Depot handed out: name, time",
    driver="Driver: name, time",
    brought_back="Brought back: units, name",
    page="Page {n} / {all}",
    demonstration="Demonstration: the places are made up.",
    as_of="As of {at}",
    join=" ",
    length_m="{n} m",
    length_km="{n} km",
)

CHINESE = Words(
    lang="zh",
    title="送货路线单",
    day="第 {n} 天",
    stops="停靠点",
    units="数量",
    kilometres="公里",
    leaves="出发",
    back="返回",
    trip="第 {n} 趟",
    load="装车",
    number="序号",
    arrival="到达",
    place="地点",
    received="签收：姓名、时间",
    code="编码",
    estimated="位置为估计，请途中问路",
    depot="县级仓库：{name}",
    on_phone="手机打开",
    straight="图上为直线，实际道路更长。",
    unplaced="{n} 个停靠点位置未知，未标在图上。",
    guessed="虚线圆圈：位置为估计。",
    handed_out="仓库发出：姓名、时间",
    driver="司机：姓名、时间",
    brought_back="带回：数量、姓名",
    page="第 {n} / {all} 页",
    demonstration="演示：地点均为虚构。",
    as_of="截至 {at}",
    join="",
    length_m="{n} 米",
    length_km="{n} 公里",
)


def words_of(language: str) -> Words:
    """The words for a language code such as 'zh-hans'; English where there are none."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
