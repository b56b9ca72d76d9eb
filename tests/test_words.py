"""Every word a person reads can be read in Chinese; the check is shown to catch what cannot."""

from pathlib import Path

import pytest

from scripts.compile_messages import Message, read_catalogue

from .tidy import sources, words

pytestmark = pytest.mark.tidy

APPS = sorted(path.name for path in sources.SOURCE.iterdir() if (path / "__init__.py").is_file())
# Words between tags that both languages write alike, or that name the other language.
BARE = {
    "src/tongzhou/web/templates/patterns/language.html": {"English"},
    "src/tongzhou/web/templates/public.html": {"English"},
}


def catalogue_of(app):
    path = sources.SOURCE / app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    return {message.msgid: message for message in read_catalogue(path)} if path.is_file() else {}


def files_of(app, *endings):
    base = sources.SOURCE / app
    return [path for path in sources.ours(*endings) if path.is_relative_to(base)]


@pytest.mark.parametrize("app", APPS)
def test_every_message_of_the_app_has_its_chinese(app):
    wanted = (
        message
        for path in files_of(app, ".py", ".html")
        if "tests" not in path.parts
        for message in words.messages_in(path, path.read_text(encoding="utf-8"))
    )
    assert list(words.faults(wanted, catalogue_of(app))) == []


def test_a_word_reads_the_same_in_every_app():
    """Catalogues are joined when they are read: of two translations one would win everywhere."""
    assert list(words.disputed({app: catalogue_of(app) for app in APPS})) == []


@pytest.mark.parametrize("app", APPS)
def test_no_template_has_words_outside_of_translation(app):
    bare = {}
    for path in files_of(app, ".html"):
        found = set(words.bare_words(path.read_text(encoding="utf-8")))
        if found := found - BARE.get(sources.name(path), set()):
            bare[sources.name(path)] = sorted(found)
    assert bare == {}


def faults_of(text, **values):
    message = Message(msgid=text, texts={0: "已收到"}, **values)
    return list(words.faults(iter([text]), {text: message}))


def test_a_message_without_an_entry_is_caught():
    assert list(words.faults(iter(["Received"]), {})) == ["'Received' is not in the catalogue"]


def test_two_translations_of_one_word_are_caught():
    funds, places = (
        {"closed": Message(msgid="closed", texts={0: text})} for text in ("已结束", "已撤销")
    )
    assert list(words.disputed({"supplies": funds, "places": places})) == [
        "'closed' is 已撤销 in places and 已结束 in supplies"
    ]
    assert list(words.disputed({"supplies": funds, "places": funds})) == []


def test_an_entry_without_text_is_caught():
    empty = Message(msgid="Received", texts={0: " "})
    assert list(words.faults(iter(["Received"]), {"Received": empty})) == [
        "'Received' has no Chinese"
    ]


def test_an_entry_that_is_only_a_guess_is_caught():
    assert faults_of("Received", fuzzy=True) == ["'Received' is marked fuzzy"]


def test_an_entry_that_lost_its_number_is_caught():
    assert faults_of("%(n)s received") == ["'%(n)s received' has other placeholders in Chinese"]


def test_english_in_place_of_chinese_is_caught():
    message = Message(msgid="Received", texts={0: "Received"})
    assert list(words.faults(iter(["Received"]), {"Received": message})) == [
        "'Received' has a translation without a Chinese character"
    ]


def test_a_sound_entry_passes():
    assert faults_of("Received") == []


def test_messages_of_python_are_found_under_any_name():
    text = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
_("One")
ngettext("%(n)d box", "%(n)d boxes", n)
pgettext_lazy("verb", "Open")
other("Not one")
"""
    found = list(words.messages_in(Path("x.py"), text))
    assert found == ["One", "%(n)d box", "Open"]


def test_messages_of_templates_are_found():
    text = """{% load i18n %}{% translate "One (1)" %}{% translate "It's" %}
{% blocktranslate count n=list|length %}
{{ n }} box{% plural %}{{ n }} boxes{% endblocktranslate %}
{% blocktranslate with who=x trimmed %}To {{ who }}{% endblocktranslate %}"""
    assert list(words.messages_in(Path("x.html"), text)) == [
        "One (1)",
        "It's",
        "\n%(n)s box",
        "To %(who)s",
    ]


def test_a_message_that_is_computed_is_caught():
    text = "from django.utils.translation import gettext as _\n_(f'{n} boxes')"
    assert "written out" in next(words.messages_in(Path("x.py"), text))


def test_a_bare_word_of_a_template_is_caught():
    text = '<p class="late">{% translate "Late" %} {{ n }} boxes<!-- a note --></p>'
    assert words.bare_words(text) == ["boxes"]
