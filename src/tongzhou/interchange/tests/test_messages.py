"""Every sentence exists in both languages, with the same parameters, and says a cure."""

import re
import string

import pytest

from tongzhou.interchange import messages
from tongzhou.interchange.messages import CHINESE, ENGLISH
from tongzhou.interchange.refusals import CodeRefused, TableRefused
from tongzhou.interchange.tables import Note

CODES = sorted(ENGLISH)


def fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_messages():
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("code", CODES)
def test_both_languages_use_the_same_parameters(code):
    for english, chinese in zip(ENGLISH[code], CHINESE[code], strict=True):
        assert fields(english) == fields(chinese)


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_ends_as_one_and_blames_nobody(code):
    for part in filter(None, ENGLISH[code]):
        assert part[0].isupper() or part[0] == "{"
        assert part.endswith(".")
        assert "nvalid" not in part
    for part in filter(None, CHINESE[code]):
        assert part.endswith("。")
        assert "格式错误" not in part


@pytest.mark.parametrize("code", [code for code in CODES if not code.startswith("note.")])
def test_every_fault_has_a_cure(code):
    assert ENGLISH[code][1]
    assert CHINESE[code][1]


@pytest.mark.parametrize("code", CODES)
def test_sentences_are_short(code):
    for part in ENGLISH[code]:
        assert len(part.split()) <= 32
    for part in CHINESE[code]:
        assert len(re.findall("[\u4e00-\u9fff]", part)) <= 34


def test_a_refusal_says_its_sentence():
    refused = TableRefused("file.rows", limit="1,200,000")
    assert str(refused) == ("The table has more than 1,200,000 rows. Split it into several files.")
    assert messages.sentence(refused, "zh") == "表格超过 1,200,000 行。请拆分成几个文件。"


def test_a_row_of_problems_says_its_sentence():
    problem = {
        "row": 4,
        "column": "Units",
        "value": "-2",
        "code": "number.negative",
        "params": {"limit": "0", "other_row": None},
    }
    assert messages.sentence(problem) == (
        "Units must not be negative: -2. Enter a number of at least 0."
    )


def test_a_note_without_examples_leaves_them_out():
    some = Note("note.formula", {"count": "2", "examples": "=1"})
    none = Note("note.formula", {"count": "2", "examples": ""})
    assert messages.sentence(some).endswith(": 2. For instance: =1.")
    assert messages.sentence(none).endswith(": 2.")


def test_braces_in_a_value_are_text():
    problem = {"column": "{0}", "value": "{value.__class__}", "code": "number.text", "params": None}
    assert messages.sentence(problem).startswith("{0} is not a number: {value.__class__}.")


def test_an_application_can_translate_the_english():
    refused = CodeRefused("token.form")
    french = {"This is not the code of a slip.": "Ce n'est pas un code."}
    said = messages.sentence(refused, translate=lambda text: french.get(text, text))
    assert said.startswith("Ce n'est pas un code. Scan the slip")


def test_a_refusal_travels_between_processes():
    import pickle

    again = pickle.loads(pickle.dumps(TableRefused("file.rows", limit=5)))
    assert (again.code, again.params, type(again)) == ("file.rows", {"limit": "5"}, TableRefused)
