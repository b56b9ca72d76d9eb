"""The small Markdown of guides: what it shows, and that nothing gets past its escaping."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongzhou.learning.rules.markdown import MOST_CHARACTERS, plain, rendered

TAGS = re.compile(
    r"</?(?:h2|h3|p|ul|ol|li|strong)>|<br>"
    r'|<a href="(?:https://[^"<>]+|/(?:[\w-]+/)*)" rel="noopener noreferrer">|</a>'
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Rest well.", "<p>Rest well.</p>"),
        ("Rest.\nDrink.", "<p>Rest.<br>Drink.</p>"),
        ("Rest.\n\nDrink.", "<p>Rest.</p>\n<p>Drink.</p>"),
        ("## Adults", "<h2>Adults</h2>"),
        ("### Under 5", "<h3>Under 5</h3>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("Do:\n- a", "<p>Do:</p>\n<ul><li>a</li></ul>"),
        ("at most **2 g** a day", "<p>at most <strong>2 g</strong> a day</p>"),
        (
            "[more](/guides/when-to-go/)",
            '<p><a href="/guides/when-to-go/" rel="noopener noreferrer">more</a></p>',
        ),
        (
            "[the notice](https://example.org/a?b=1&c=2)",
            '<p><a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">'
            "the notice</a></p>",
        ),
    ],
)
def test_what_is_marked_is_shown(text, html):
    assert rendered(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "# One hash is for the title",
        "#### Four are none",
        "**not closed",
        "** spaced **",
        "2 ** 3 ** 4",
        "-no space",
        "1.no space",
        "[words](http://example.org)",
        "[words](javascript:alert(1))",
        "[words](https://a b)",
        "[words](//example.org/)",
        "[words](https://good.org@example.org/)",
        "[words](https:///example.org)",
        "[words](https://good.org\\example.org/)",
        "[words](/guides/../desk/)",
    ],
)
def test_what_is_not_marked_stays_text(text):
    assert rendered(text) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '[a](https://x.org/"onmouseover="alert(1))',
        "[<b>a</b>](https://x.org)",
        "**<i>**",
    ],
)
def test_no_markup_of_a_writer_reaches_the_page(text):
    left = TAGS.sub("", rendered(text))
    assert "<" not in left
    assert ">" not in left


@given(st.text(alphabet="ab<>&\"'#-*[]()./:hps 1\n", max_size=60))
def test_whatever_is_written_only_our_own_tags_come_out(text):
    left = TAGS.sub("", rendered(text))
    assert not set("<>") & set(left)


def test_a_text_that_is_too_long_is_refused():
    rendered("a" * MOST_CHARACTERS)
    with pytest.raises(ValueError, match="at most"):
        rendered("a" * (MOST_CHARACTERS + 1))


def test_stars_that_never_end_are_no_work():
    started = time.process_time()
    rendered("**a " * (MOST_CHARACTERS // 4))
    assert time.process_time() - started < 0.5


def test_a_search_sees_words_and_no_marks():
    assert plain("## Head\n- **2 g** [here](https://x.org)\n1. go") == "Head\n2 g here\ngo"
