"""How a name is typed and found: its bigrams, its pinyin and the initials of its pinyin."""

import re
import unicodedata
from operator import add

# Place names whose reading is not that of the single characters; pypinyin's own phrases know the
# large ones (重庆, 长寿, 六安), these are the ones it reads wrongly.
READINGS = {
    "蚌埠": ("beng", "bu"),
    "铅山": ("yan", "shan"),
    "台州": ("tai", "zhou"),
    "丽水": ("li", "shui"),
    "乐清": ("yue", "qing"),
    "乐亭": ("lao", "ting"),
    "蔚县": ("yu", "xian"),
    "浚县": ("xun", "xian"),
    "洪洞": ("hong", "tong"),
    "牟平": ("mu", "ping"),
    "牟定": ("mou", "ding"),
    "荥阳": ("xing", "yang"),
    "荥经": ("ying", "jing"),
    "莘县": ("shen", "xian"),
    "单县": ("shan", "xian"),
    "东阿": ("dong", "e"),
    "郫都": ("pi", "du"),
    "犍为": ("qian", "wei"),
    "珙县": ("gong", "xian"),
    "长寿": ("chang", "shou"),
    "会稽": ("kuai", "ji"),
    "黄陂": ("huang", "pi"),
    "监利": ("jian", "li"),
    "枞阳": ("zong", "yang"),
    "六合": ("lu", "he"),
    "盱眙": ("xu", "yi"),
    "邗江": ("han", "jiang"),
    "尉犁": ("yu", "li"),
    "巴音郭楞": ("ba", "yin", "guo", "leng"),
}
# Left out of the index, so that no mark can break the grammar of its queries. The function
# places_terms of PostgreSQL (migration 0002) leaves out the same.
MARKS = " \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~·、。,;:?!()【】《》〈〉「」—…‘’“”□"
# Two characters that end most names of villages (村委会, 村民委员会, 社区居委会, 居民委员会).
COMMON = frozenset(
    (
        "村委",
        "委会",
        "村民",
        "民委",
        "委员",
        "员会",
        "社区",
        "区居",
        "居委",
        "居民",
        "街道",
        "区社",
        "村村",
    )
)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
# The committee in the name of a village and how it is read; the longer ending first.
COMMITTEES = {"民委员会": ("minweiyuanhui", "mwyh"), "委会": ("weihui", "wh")}
_COMMITTEE = re.compile("(cun|ju)(w(?:e(?:i(?:h(?:u(?:i)?)?)?)?)?|m(?:i(?:n(?:w[a-z]*)?)?)?)$")
_COMMITTEE_SHORT = re.compile("([cj])(wh?|m(?:w(?:yh?)?)?)$")
_LEFT_OUT = str.maketrans("", "", MARKS)
_CLINIC_WORDS = re.compile("(第[一二三四五六七八九十]+)?(卫生室|卫生所|卫生站|诊所|医务室)$")
_NOT_TYPED = re.compile(r"[^a-z0-9]+")


def chinese(text: str) -> bool:
    """Whether a text holds a Han character, so that it is looked up by name and not by pinyin."""
    return bool(_HAN.search(text))


def typed(text: str) -> str:
    """A Latin name as typed on a bare keyboard: no case, accents, spaces or marks."""
    plain = unicodedata.normalize("NFKD", text).lower()
    return _NOT_TYPED.sub("", plain)


def pinyin_of(name: str) -> str:
    """The pinyin of a name without tones or spaces, a Latin name as typed; at most 200 long.

    东风村委会 gives dongfengcun: 600,000 times "weihui" tells nobody anything and costs 12 MB.
    """
    return "".join(_syllables(_short(name)))[:200]


def initials_of(name: str) -> str:
    """The first letter of each syllable or word of a name. At most 60 long."""
    return "".join(syllable[0] for syllable in _syllables(_short(name)))[:60]


def as_stored(text: str) -> list[str]:
    """What somebody may mean who types pinyin or initials: the text, and the text without the part
    of weihui (村委会) or minweiyuanhui (村民委员会) that it ends with."""
    return list(
        dict.fromkeys((text, _COMMITTEE.sub(r"\1", text), _COMMITTEE_SHORT.sub(r"\1", text)))
    )


def _short(name: str) -> str:
    ending = next((ending for ending in COMMITTEES if name.endswith(ending)), "")
    return name.removesuffix(ending) or name


def bigrams(name: str) -> list[str]:
    """Every two neighbouring characters of a name, marks left out, each once."""
    return _pairs(plain(name))


def _pairs(letters: str) -> list[str]:
    return list(dict.fromkeys(map(add, letters, letters[1:])))


def terms(name: str) -> list[str]:
    """What the name index holds for a name with Han characters: its bigrams, its beginning (`x..`)
    and its length (`n..`), for "starts with" and "is". Other names are found by pinyin."""
    if not chinese(name):
        return []
    letters = plain(name)
    return [*_pairs(letters), f"x{letters[:2]}", f"n{len(letters)}"]


def containing(text: str) -> list[str]:
    """The terms of every name that contains the text, which has at least two characters."""
    return bigrams(text)


def starting(text: str) -> list[str]:
    return [f"x{plain(text)[:2]}", *bigrams(text)[1:]]


def being(text: str) -> list[str]:
    return [*starting(text), f"n{len(plain(text))}"]


def without_clinic_words(text: str) -> str:
    """What is left of a clinic's name when its own words are taken off: its village."""
    return _CLINIC_WORDS.sub("", text) or text


def telling(terms: list[str]) -> list[str]:
    """The terms without those that most villages have, where others are left: to follow a list of
    500,000 villages costs more than to compare the few names the others find."""
    return [term for term in terms if term not in COMMON] or terms


def plain(name: str) -> str:
    """A name without marks, in one width and case."""
    letters = unicodedata.normalize("NFKC", name)
    # No mark is a letter or digit, so that most of a nation's names need no second look.
    return (letters if letters.isalnum() else letters.translate(_LEFT_OUT)).lower()


def _syllables(name: str) -> list[str]:
    if not chinese(name):
        words = unicodedata.normalize("NFKD", name).lower().split()
        return [word for word in map(typed, words) if word]
    # Imported here: its dictionaries cost 0.1 s, which no page and no command should pay in vain.
    from pypinyin import lazy_pinyin

    for phrase, reading in READINGS.items():
        if phrase in name:
            before, after = name.split(phrase, 1)
            return [*_syllables_of_part(before), *reading, *_syllables_of_part(after)]
    return [s for s in map(typed, lazy_pinyin(name, errors="ignore")) if s]


def _syllables_of_part(part: str) -> list[str]:
    return _syllables(part) if part else []
