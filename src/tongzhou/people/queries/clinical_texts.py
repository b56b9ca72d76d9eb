"""The rules and the medicine catalogue of `clinical`, as texts to be signed.

A rule is one text. 200 products are too many to open one by one: those whose main ingredient is of
one class are one text, with the limits of their ingredients, and so are all checks of one severity.
"""

from collections.abc import Iterator
from dataclasses import asdict
from functools import cache

from tongzhou import clinical
from tongzhou.clinical.edges import Edge, edges_of
from tongzhou.clinical.fields import Value
from tongzhou.clinical.medicines.catalogue import Catalogue, Check, Ingredient, Product
from tongzhou.clinical.rulebook import Rule

from .reviews import HealthText, Part, Texts, digest_of_text, health_texts

NO_CLASS = "other"
INGREDIENTS_NAMED = 3
SEVERITIES: dict[str, Texts] = {
    "stop": {"zh": "核对项：停用", "en": "Checks that say stop"},
    "ask": {"zh": "核对项：请咨询", "en": "Checks that say ask"},
    "note": {"zh": "核对项：提示", "en": "Checks that give a note"},
}
TEXT: Texts = {"zh": "文字", "en": "Text"}
ACTION: Texts = {"zh": "怎么做", "en": "What to do"}
URGENCY: Texts = {"zh": "紧急程度", "en": "Urgency"}
SOURCE: Texts = {"zh": "来源", "en": "Source"}
VALID: Texts = {"zh": "生效日期", "en": "Valid from"}
EDGE: Texts = {"zh": "界限两侧", "en": "On each side of the edge"}
INGREDIENT: Texts = {"zh": "成分与限量", "en": "Ingredient and its limits"}
PRODUCT: Texts = {"zh": "药品", "en": "Product"}
NO_LIMIT: Texts = {"zh": "未设限量", "en": "no limit is set"}


@health_texts("rule")
@cache
def rules() -> tuple[HealthText, ...]:
    """One text for each rule, in the order of the file."""
    return tuple(_rule(rule) for rule in clinical.load().rules.values())


def _rule(rule: Rule) -> HealthText:
    content = {k: v for k, v in asdict(rule).items() if k != "reviewer"}
    title = {language: f"{rule.id}: {text}" for language, text in rule.text.items()}
    return HealthText(
        "rule", rule.id, str(rule.version), digest_of_text(content), title,
        lambda: list(_parts_of_rule(rule)), rule.reviewer,
    )  # fmt: skip


def _parts_of_rule(rule: Rule) -> Iterator[Part]:
    book = clinical.load()
    yield Part(TEXT, rule.text["zh"], rule.text["en"])
    yield Part(ACTION, rule.action["zh"], rule.action["en"])
    urgency = book.urgency_texts[rule.urgency]
    mark = f" [{rule.urgency_kind}]"
    yield Part(URGENCY, urgency["zh"] + mark, urgency["en"] + mark)
    for _leaf, edge in edges_of(rule, book):
        if edge:
            yield Part(EDGE, _said(edge, "zh"), _said(edge, "en"))
    yield Part(SOURCE, f"{rule.source} [{rule.kind}]", f"{rule.source} [{rule.kind}]")
    yield Part(VALID, rule.valid_from.isoformat(), rule.valid_from.isoformat())


def _said(edge: Edge, language: str) -> str:
    """ "SpO2 93: yes; 94: no", and what else was given."""
    fields = clinical.load().fields
    yes, no = ("是", "否") if language == "zh" else ("yes", "no")
    colon, comma = ("：", "；") if language == "zh" else (": ", "; ")

    def value(given: Value) -> str:
        return (yes if given else no) if isinstance(given, bool) else f"{given:g}" if isinstance(
            given, (int, float)
        ) else given  # fmt: skip

    beside = [
        f"{fields[name].name[language]} {value(given)}"
        for name, given in edge.inputs.items()
        if name != edge.field
    ]
    name = fields[edge.field].name[language]
    sides = f"{name} {value(edge.yes)}{colon}{yes}{comma}{value(edge.no)}{colon}{no}"
    return sides + (f" ({comma.join(beside)})" if beside else "")


@health_texts("catalogue")
@cache
def catalogue() -> tuple[HealthText, ...]:
    """The classes of products, then the checks by severity."""
    book = clinical.load_catalogue()
    classes: dict[str, list[Product]] = {}
    for product in book.products.values():
        classes.setdefault(_class_of(product, book), []).append(product)
    groups = [_group(name, products, book) for name, products in classes.items()]
    checks = [
        _checks(severity, [one for one in book.checks if one.severity == severity], book)
        for severity in SEVERITIES
    ]
    return (*groups, *checks)


def _class_of(product: Product, book: Catalogue) -> str:
    """The class of the first ingredient; one that only asks for caution, where it has no other."""
    main = book.ingredients[next(iter(product.mg))]
    named = sorted(main.classes - {"ask_in_pregnancy"}, key=lambda one: ("_caution" in one, one))
    return named[0] if named else NO_CLASS


def _group(name: str, products: list[Product], book: Catalogue) -> HealthText:
    ids = list(dict.fromkeys(key for product in products for key in product.mg))
    main = list(dict.fromkeys(next(iter(product.mg)) for product in products))
    held = [book.ingredients[key] for key in ids]
    first = [book.ingredients[key].name for key in main[:INGREDIENTS_NAMED]]
    more = len(main) > INGREDIENTS_NAMED
    count = len(products)
    title = {
        "zh": "、".join(one["zh"] for one in first)
        + ("等" if more else "")
        + f"（{count} 种药品）",
        "en": ", ".join(one["en"] for one in first)
        + (" and others" if more else "")
        + (f" ({count} products)" if count > 1 else " (1 product)"),
    }
    read: list[Ingredient | Product] = [*held, *products]
    content = [_unsigned(one) for one in read]
    everyone = [one.reviewer for one in read]
    return HealthText(
        "catalogue", f"class-{name}", book.version, digest_of_text(content), title,
        lambda: list(_parts_of_group(held, products, book)),
        everyone[0] if all(everyone) else "",
    )  # fmt: skip


def _parts_of_group(
    held: list[Ingredient], products: list[Product], book: Catalogue
) -> Iterator[Part]:
    """Ingredients, products, then each source once with what it is of."""
    yield from (_ingredient(one) for one in held)
    yield from (_product(one, book) for one in products)
    sources: dict[str, list[Texts]] = {}
    read: list[Ingredient | Product] = [*held, *products]
    for one in read:
        sources.setdefault(one.source, []).append(one.name)
    for source, names in sources.items():
        zh, en = (
            list(dict.fromkeys(name[language] for name in names)) for language in ("zh", "en")
        )
        yield Part(SOURCE, f"{source}（{'、'.join(zh)}）", f"{source} ({', '.join(en)})")


def _checks(severity: str, checks: list[Check], book: Catalogue) -> HealthText:
    everyone = [one.reviewer for one in checks]
    return HealthText(
        "catalogue", f"checks-{severity}", book.version,
        digest_of_text([_unsigned(one) for one in checks]), SEVERITIES[severity],
        lambda: [
            Part({"zh": one.id, "en": one.id}, f"{one.text['zh']} [{one.mark}]",
                 f"{one.text['en']} [{one.mark}] {one.source}")
            for one in checks
        ],
        everyone[0] if all(everyone) else "",
    )  # fmt: skip


def _unsigned(one: Ingredient | Product | Check) -> dict[str, object]:
    return {key: value for key, value in asdict(one).items() if key != "reviewer"}


def _ingredient(one: Ingredient) -> Part:
    limits: list[tuple[str, str]] = []
    if one.day_mg:
        limits.append((f"24 小时 {one.day_mg:g} mg", f"{one.day_mg:g} mg in 24 hours"))
    if one.dose_mg:
        limits.append((f"一次 {one.dose_mg:g} mg", f"{one.dose_mg:g} mg a dose"))
    if one.child_dose_mg_kg:
        low, high = one.child_dose_mg_kg
        limits.append((f"儿童每次 {low:g}–{high:g} mg/kg", f"child {low:g}–{high:g} mg/kg a dose"))
    if one.child_day_mg_kg:
        day = one.child_day_mg_kg
        limits.append((f"儿童 24 小时 {day:g} mg/kg", f"child {day:g} mg/kg in 24 hours"))
    if one.times:
        limits.append((f"24 小时 {one.times} 次", f"{one.times} times in 24 hours"))
    if one.from_months:
        limits.append((f"满 {one.from_months} 月龄", f"from {one.from_months} months of age"))
    zh = "；".join(zh for zh, _en in limits) or NO_LIMIT["zh"]
    en = "; ".join(en for _zh, en in limits) or NO_LIMIT["en"]
    classes = ", ".join(sorted(one.classes))
    marks = f" [{classes}]" if classes else ""
    return Part(
        INGREDIENT, f"{one.name['zh']}：{zh}{marks}", f"{one.name['en']}: {en}{marks}"
    )  # fmt: skip


def _product(one: Product, book: Catalogue) -> Part:
    def held(language: str) -> str:
        parts = (
            f"{book.ingredients[key].name[language]} {f'{mg:g} mg' if mg else '—'}"
            for key, mg in one.mg.items()
        )
        return " + ".join(parts)

    named = ", ".join((*one.also, *one.approval, *one.codes))
    also = f" ({named})" if named else ""
    return Part(
        PRODUCT,
        f"{one.name['zh']}{also}：{held('zh')} / {one.unit}",
        f"{one.name['en']}: {held('en')} / {one.unit}",
    )
