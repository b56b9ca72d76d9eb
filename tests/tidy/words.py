"""Every word that a person reads is in the catalogue of its app, in Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from scripts.compile_messages import Message

# The functions of django.utils.translation and which of their arguments are messages.
CALLS = {
    "gettext": (0,),
    "gettext_lazy": (0,),
    "gettext_noop": (0,),
    "ngettext": (0,),
    "ngettext_lazy": (0,),
    "pgettext": (1,),
    "pgettext_lazy": (1,),
    "npgettext": (1,),
    "npgettext_lazy": (1,),
}
QUOTED = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\b(n?p?gettext)\(\s*({QUOTED})(?:\s*,\s*({QUOTED}))?", re.DOTALL)
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[a-z]|%[sd]|\{[a-z_0-9]*\}", re.IGNORECASE)
HAN = re.compile(r"[\u3400-\u9fff]")
# What the two languages write alike.
SAME = frozenset({"English", "PDF", "CSV", "XLSX", "JSON", "QR", "SpO2", "API", "GeoJSON", "EPCIS"})


def messages_in(path: Path, text: str) -> Iterator[str]:
    """The messages that a Python file or a template asks gettext for."""
    yield from _in_python(text) if path.suffix == ".py" else _in_template(text)


def _in_python(text: str) -> Iterator[str]:
    tree = ast.parse(text)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for place in CALLS.get(names.get(node.func.id, ""), ()):
                yield _constant(node.args[place])


def _constant(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return f"line {node.lineno}: a message has to be written out, not computed"


def _in_template(text: str) -> Iterator[str]:
    for kind, *arguments in TEMPLATE_CALL.findall(templatize(text)):
        yield ast.literal_eval(arguments[CALLS[kind][0]])


def faults(wanted: Iterator[str], catalogue: dict[str, Message]) -> Iterator[str]:
    """What is wrong with the Chinese of each message."""
    for text in sorted(set(wanted)):
        message = catalogue.get(text)
        if message is None:
            yield f"{text!r} is not in the catalogue"
        else:
            yield from (f"{text!r} {fault}" for fault in _of(text, message))


def _of(text: str, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "is marked fuzzy"
    for form in message.texts.values() or [""]:
        if not form.strip():
            yield "has no Chinese"
            continue
        wanted = {tuple(sorted(PLACEHOLDER.findall(t))) for t in (text, message.plural) if t}
        if tuple(sorted(PLACEHOLDER.findall(form))) not in wanted:
            yield "has other placeholders in Chinese"
        letters = PLACEHOLDER.sub("", text)
        if re.search(r"[A-Za-z]{2}", letters) and not HAN.search(form) and text not in SAME:
            yield "has a translation without a Chinese character"


TAGS = re.compile(
    r"<(script|style|svg|code|pre)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE
)
COMMENTS = re.compile(r"\{% comment.*?endcomment %\}|\{#.*?#\}", re.DOTALL)
TRANSLATED = re.compile(r"\{% blocktrans.*?endblocktrans(late)? %\}", re.DOTALL)
DJANGO = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|&[a-z]+;", re.DOTALL)
ENGLISH = re.compile(r"[A-Za-z]{3,}")


def bare_words(text: str) -> list[str]:
    """English words in a template's text that no translation tag surrounds."""
    for pattern in (COMMENTS, TRANSLATED, DJANGO, TAGS):
        text = pattern.sub(" ", text)
    return ENGLISH.findall(text)


def disputed(catalogues: dict[str, dict[str, Message]]) -> Iterator[str]:
    """Messages that two apps translate differently."""
    said: dict[str, dict[str, str]] = {}
    for app in sorted(catalogues):
        for message in catalogues[app].values():
            if message.msgid:
                said.setdefault(message.key, {}).setdefault(message.texts.get(0, ""), app)
    for key, texts in sorted(said.items()):
        if len(texts) > 1:
            yield f"{key!r} is " + " and ".join(f"{text} in {app}" for text, app in texts.items())
