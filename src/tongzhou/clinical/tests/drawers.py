"""Drawers made at random, each with what is wrong in it, known before any check has seen it.

The truth is reckoned here from the data files as they stand, in exact fractions; nothing of
`tongzhou.clinical` is used. A drawer is written as people write: full width, spaces, aliases.
"""

import random
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files

FOLDER = files("tongzhou.clinical") / "data" / "medicines"


def rows(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))[name]


INGREDIENTS = {row["id"]: row for row in rows("ingredients")}
PRODUCTS = {row["id"]: row for row in rows("products")}
HOLDERS = defaultdict(list)
for one in PRODUCTS.values():
    for ingredient in one["mg"]:
        HOLDERS[ingredient].append(one["id"])
SHARED = sorted(name for name, holders in HOLDERS.items() if len(holders) > 1)
LIMITED = sorted(name for name in HOLDERS if "day_mg" in INGREDIENTS[name])
CHILD_UNDER = 144


def letters(text):
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).lower())


NAMES = Counter(
    name
    for row in PRODUCTS.values()
    for name in {letters(text) for text in (row["zh"], row["en"], *row.get("also", ()))}
)


@dataclass
class Drawer:
    """Items and person as plain data, and the ingredients that are repeated or too much."""

    items: list
    person: dict
    repeated: set = field(default_factory=set)
    over_day: set = field(default_factory=set)
    over_dose: set = field(default_factory=set)


def exact(number):
    return Fraction(str(number))


def drawer(rng):
    """One drawer; about half of them are made to hold something wrong."""
    person = a_person(rng)
    chosen = [PRODUCTS[name] for name in rng.sample(sorted(PRODUCTS), rng.randint(1, 4))]
    if rng.random() < 0.5:
        shared = rng.choice(SHARED)
        chosen += [PRODUCTS[name] for name in rng.sample(HOLDERS[shared], 2)]
    doses = [(row, *an_amount(rng, row)) for row in chosen]
    if rng.random() < 0.5:
        doses.append(near_a_limit(rng, person))
    if rng.random() < 0.1:
        doses.append((doses[0][0], *an_amount(rng, doses[0][0])))
    rng.shuffle(doses)
    items = [written(rng, *dose) for dose in doses]
    return Drawer(items, person, *truth(doses, person))


def a_person(rng):
    age = rng.choice([None, rng.randint(1, 143), rng.randint(144, 215), rng.randint(216, 1100)])
    if age is None:
        weight = rng.choice([None, 12.5, 60])
    elif age < CHILD_UNDER:
        weight = rng.choice([None, round(4 + age * 0.22, 1)])
    else:
        weight = rng.choice([None, rng.randint(30, 110)])
    yes_no = {name: rng.choice([None, False, False, True]) for name in ("liver", "kidney")}
    return {
        "age_months": age,
        "weight_kg": weight,
        "pregnant": rng.choice([None, False, False, True]),
        "pregnancy_weeks": rng.choice([None, 8, 27, 28, 40]),
        **yes_no,
        "alcohol": rng.choice([None, False, False, True]),
        "other": rng.choice([None, []]),
    }


def an_amount(rng, row):
    if rng.random() < 0.1:
        return rng.choice([(None, None), (1, None), (None, 3)])
    counts = [2.5, 4, 5, 7.5, 10, 15] if row.get("unit") == "ml" else [0.5, 1, 1, 1.5, 2, 3]
    return rng.choice(counts), rng.randint(1, 6)


def near_a_limit(rng, person):
    """A product taken so that its ingredient comes just to a limit, or just over it."""
    name = rng.choice(LIMITED)
    row = PRODUCTS[rng.choice(HOLDERS[name])]
    times = rng.randint(1, 4)
    limit = day_limit(name, person)
    quarters = limit / exact(row["mg"][name]) / times * 4
    count = (int(quarters) + rng.choice([-1, 0, 1])) / 4
    return row, min(max(count, 0.25), 500), times


def day_limit(name, person):
    about = INGREDIENTS[name]
    limits = [exact(about["day_mg"])] if "day_mg" in about else []
    if "child_day_mg_kg" in about and person["weight_kg"] is not None:
        limits.append(exact(about["child_day_mg_kg"]) * exact(person["weight_kg"]))
    return min(limits, default=None)


def dose_limit(name, person):
    about = INGREDIENTS[name]
    limits = [exact(about["dose_mg"])] if "dose_mg" in about else []
    young = person["age_months"] is None or person["age_months"] < CHILD_UNDER
    if "child_dose_mg_kg" in about and young and person["weight_kg"] is not None:
        limits.append(exact(about["child_dose_mg_kg"][1]) * exact(person["weight_kg"]))
    return min(limits, default=None)


def truth(doses, person):
    holders, day, over_dose = defaultdict(set), Counter(), set()
    for row, count, times in doses:
        for name, strength in row["mg"].items():
            holders[name].add(row["id"])
            if count is None:
                continue
            dose = exact(strength) * exact(count)
            most = dose_limit(name, person)
            if most is not None and dose > most:
                over_dose.add(name)
            if times is not None:
                day[name] += dose * times
    repeated = {name for name, ids in holders.items() if len(ids) > 1}
    limits = {name: day_limit(name, person) for name in day}
    over_day = {name for name in day if limits[name] is not None and day[name] > limits[name]}
    return repeated, over_day, over_dose


def written(rng, row, count, times):
    """The item as somebody enters it: by our id, or by a name that only this product has."""
    amount = {"count": count, "times": times}
    unique = [
        text for text in (row["zh"], row["en"], *row.get("also", ())) if NAMES[letters(text)] == 1
    ]
    if not unique or rng.random() < 0.3:
        return {"product": row["id"], **amount}
    return {"name": disguised(rng, rng.choice(unique)), **amount}


def disguised(rng, text):
    """The same name in full width, in capitals, or with spaces between."""
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    return rng.choice([text, wide, text.upper(), " ".join(text), f"{text}。"])


def many(count, seed):
    rng = random.Random(seed)
    return [drawer(rng) for _ in range(count)]
