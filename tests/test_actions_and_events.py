"""Every action writes one event; the check is shown to catch those that do not."""

import pytest

from .tidy import events, sources

pytestmark = pytest.mark.tidy

# Functions with `by` that are no actions of their own, each with its reason.
ALLOWED = {
    ("kit", "record_each"): "it is what writes the events",
    ("supplies", "reverse"): "a posting; the action that asks for it writes the event",
    ("delivery", "command"): "builds a posting and changes nothing",
    ("delivery", "receipt_of"): "builds a row; the action that stores it writes the event",
    ("delivery", "receive_parcels"): "one event for each parcel: kept for a decision, or taken",
    ("delivery", "receive_parcel"): "receive_parcels with one",
    ("plans", "ask"): "a question, answered by a job of a day; keeping the answer writes the event",
    ("delivery", "watch"): "one event for each task that it opens or closes",
}


def texts_of(app):
    base = sources.SOURCE / app
    single = base / "actions.py"
    paths = [single] if single.is_file() else sorted((base / "actions").glob("*.py"))
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


APPS = sorted(path.name for path in sources.SOURCE.iterdir() if texts_of(path.name))


@pytest.mark.parametrize("app", APPS)
def test_every_action_writes_one_event(app):
    found = events.faults(texts_of(app))
    assert {name: fault for name, fault in found.items() if (app, name) not in ALLOWED} == {}


def test_every_exception_is_still_needed():
    needed = {(app, name) for app in APPS for name in events.faults(texts_of(app))}
    assert set(ALLOWED) <= needed


SOUND = {
    "one": "def act(x, *, by):\n    x.save()\n    record('x.done', x, by=by)",
    "early end": "def act(x, *, by):\n    if x.done:\n        return x\n    record('x', x, by=by)",
    "both branches": "def act(x, *, by):\n    if x:\n        record(1)\n    else: record(2)",
    "a helper": "def act(x, *, by):\n    _tell(x, by)\ndef _tell(x, by):\n    record('x', x)",
    "one for each": "def act(xs, *, by):\n    for x in xs:\n        record('x', x, by=by)",
    "in a transaction": "def act(x, *, by):\n    with atomic():\n        record('x', x, by=by)",
    "refused": "def act(x, *, by):\n    if x:\n        raise Refused()\n    record('x', x, by=by)",
    "a retry": "def act(x, *, by):\n    try:\n        record(1)\n    except E:\n        record(2)",
    "not an action": "def look(x):\n    return x",
    "not handed out": "def _act(x, *, by):\n    pass",
}
UNSOUND = {
    "none": "def act(x, *, by):\n    x.save()",
    "two": "def act(x, *, by):\n    record(1)\n    record(2)",
    "two on one path": "def act(x, *, by):\n    if x:\n        record(1)\n    record(2)",
    "a helper too many": "def act(x, *, by):\n    record(1)\n    _t(x)\ndef _t(x):\n    record(2)",
    "loop and sum": "def act(xs, *, by):\n    for x in xs:\n        record(1)\n    record(2)",
    "two for each": "def act(xs, *, by):\n    for x in xs:\n        record(1)\n        record(2)",
    "a method of another": "def act(x, *, by):\n    x.record(1)",
    "finally": "def act(x, *, by):\n    try:\n        record(1)\n    finally:\n        record(2)",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND.keys())
def test_a_sound_action_passes(text):
    assert events.faults({"actions": text}) == {}


@pytest.mark.parametrize("text", UNSOUND.values(), ids=UNSOUND.keys())
def test_an_unsound_action_is_caught(text):
    assert list(events.faults({"actions": text})) == ["act"]


def test_a_helper_of_another_module_is_followed():
    two = {
        "__init__": "from .a import act",
        "a": "from .b import tell\ndef act(x, *, by):\n    tell(x)",
        "b": "def tell(x):\n    record(1)\n    record(2)",
    }
    assert events.faults(two) == {"act": "writes more than one event on some path"}
