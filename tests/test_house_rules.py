"""Sizes, settings, personal fields, access, glossary, and no word about the workplace."""

import ast

import pytest
from django.apps import apps
from django.urls import URLResolver, get_resolver, path
from ninja.constants import NOT_SET
from ninja.operation import PathView

from tongzhou.kit import access
from tongzhou.web import env

from .tidy import glossary, sizes, sources, workplace

pytestmark = pytest.mark.tidy

DOCS = sources.ROOT / "docs"


def our_models():
    return [model for model in apps.get_models() if model.__module__.startswith("tongzhou.")]


def test_files_and_functions_fit():
    found = {
        sources.name(file): faults
        for file in sources.ours(".py", ".html", ".js", ".css")
        if (faults := list(sizes.faults(file.read_text(encoding="utf-8"), file.suffix == ".py")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1\n" * 601, "has 601 lines"),
        ("def f():\n" + "    x = 1\n" * 70, "f has 71 lines"),
        ("x = 1  # TO" + "DO: later\n", "asks for later work"),
    ],
)
def test_what_does_not_fit_is_caught(text, fault):
    assert [found for found in sizes.faults(text, is_python=True) if fault in found]
    assert list(sizes.faults("def f():\n    return 1\n", is_python=True)) == []


def test_every_setting_is_documented_with_its_default():
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    documented = {line.split("`")[1]: line for line in rows}
    for setting in env.SETTINGS.values():
        assert setting.name in documented, f"{setting.name} has no row in docs/operating.md"
        assert setting.default in documented[setting.name]


def test_no_document_names_a_setting_that_is_not_there():
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `TONGZHOU_")]
    assert set(rows) <= set(env.SETTINGS)


def test_settings_are_read_in_one_place():
    """Whatever reads the environment elsewhere escapes the table of settings."""
    allowed = {"src/tongzhou/web/env.py", "src/tongzhou/web/metrics.py"}
    found = []
    for file in sources.ours(".py"):
        name = sources.name(file)
        if name.startswith("src/") and "/tests/" not in name and name not in allowed:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr == "environ":
                    found.append(name)
    assert set(found) <= PASS_ENVIRONMENT_ON, found


# These hand the environment on to a process that they start, or name the settings module.
PASS_ENVIRONMENT_ON = {
    "src/tongzhou/web/asgi.py",
    "src/tongzhou/web/cli/endings.py",
    "src/tongzhou/web/demo/__init__.py",
    "src/tongzhou/web/server.py",
    "src/tongzhou/web/storage.py",
    "src/tongzhou/web/worker.py",
}


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_model_declares_its_personal_fields(model):
    assert undeclared(model) == []


def undeclared(model):
    """What is wrong with a model's personal fields."""
    if "personal_fields" not in vars(model):
        return ["says nothing; write personal_fields = () where there are none"]
    names = {field.name for field in model._meta.get_fields()}
    return [f"{name} is no field" for name in model.personal_fields if name not in names]


def test_a_model_that_says_nothing_is_caught():
    class Silent:
        _meta = type("Meta", (), {"get_fields": staticmethod(list)})

    class Wrong(Silent):
        personal_fields = ("phone",)

    assert undeclared(Silent)
    assert undeclared(Wrong) == ["phone is no field"]


def unguarded(patterns, prefix=""):
    """Addresses whose view does not say who may open it."""
    found = []
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += unguarded(pattern.url_patterns, address)
        elif pattern.name not in DESCRIBES_THE_API and not says_access(pattern.callback):
            found.append(address)
    return found


# What django-ninja adds by itself: the description of the API, which is for everyone.
DESCRIBES_THE_API = {"openapi-json", "api-root"}


def says_access(view):
    """By its mark; an address of the API by `auth=` of its router or of each operation."""
    return bool(access.access_of(view)) or path_view_of(view) in views_with_auth()


def path_view_of(view):
    cells = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
    return next((cell for cell in cells if isinstance(cell, PathView)), None)


def views_with_auth():
    """The API's views whose author wrote who may use them, everyone included (auth=None)."""
    from tongzhou.web.api import api

    found = set()
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            said = [operation.auth_param is not NOT_SET for operation in view.operations]
            if router.auth is not NOT_SET or all(said):
                found.add(view)
    return found


def test_every_address_says_who_may_open_it():
    assert unguarded(get_resolver().url_patterns) == []


def test_an_address_that_says_nothing_is_caught():
    def view(request):
        raise AssertionError

    assert unguarded([path("a/", view), path("b/", access.public(view))]) == ["a/"]


def test_the_glossary_names_every_model_and_nothing_that_is_not_there():
    terms = glossary.terms((DOCS / "glossary.md").read_text(encoding="utf-8"))
    defined = glossary.names_in(path for path in sources.ours(".py") if "src" in path.parts)
    models = [f"{model._meta.app_label}.{model.__name__}" for model in our_models()]
    assert list(glossary.faults(terms, defined, models)) == []


def test_a_glossary_that_is_wrong_is_caught():
    text = """
| term | 中文 | code name | meaning |
|---|---|---|---|
| clinic | 卫生室 | `Place` | where a village doctor works |
| clinic | 诊所 | `Place` | twice |
| depot | 县库 | `Depott` | misspelt |
| hub |  | `Place` | no Chinese |
"""
    found = list(glossary.faults(glossary.terms(text), {"Place"}, ["places.Source"]))
    assert found == [
        "depot: the code has no Depott",
        "hub: a cell is empty",
        "clinic: has two rows; one thing has one name",
        "places.Source: this model has no row",
    ]


def test_the_project_speaks_of_itself_alone():
    found = {}
    for file in sources.tracked():
        if file.suffix in TEXTS and "vendor" not in file.parts:
            faults = workplace.faults(file.read_text(encoding="utf-8", errors="replace"))
            if faults:
                found[sources.name(file)] = faults
    assert found == {}


TEXTS = {".py", ".md", ".html", ".js", ".css", ".toml", ".lock", ".txt", ".po", ".csv", ".json", ""}


@pytest.mark.parametrize(
    "text", ["open('/wo" + "rk/main')", "https://py" + "pi.org/simple", "/ho" + "me/someone/x"]
)
def test_a_word_of_the_workplace_is_caught(text):
    assert workplace.faults(text)
    assert workplace.faults("https://github.com/org/workbench") == []
