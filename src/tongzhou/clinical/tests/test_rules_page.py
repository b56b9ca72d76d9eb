"""docs/rules.md is written from the data, and says all of it."""

import pytest

from scripts import write_rules_page
from tongzhou import clinical

pytestmark = pytest.mark.tidy


def test_the_page_is_what_the_data_gives():
    """After a change of the data run: python scripts/write_rules_page.py"""
    assert write_rules_page.PAGE.read_text(encoding="utf-8") == write_rules_page.page()


def test_every_rule_is_on_the_page_with_its_texts_its_source_and_its_edge():
    page = write_rules_page.page()
    for rule in clinical.load().rules.values():
        section = page.split(f"### {rule.id}\n")[1].split("\n### ")[0]
        for text in (*rule.text.values(), *rule.action.values(), rule.source, "- edge: `"):
            assert text in section, rule.id
        assert "edge: none" not in section
        assert "not yet reviewed by a clinician" in section


def test_every_check_of_medicines_is_on_the_page_in_both_languages():
    page = write_rules_page.page()
    for check in clinical.load_catalogue().checks:
        assert f"| `{check.id}` | {check.severity} |" in page
        assert check.text["zh"] in page


def test_a_page_that_is_not_what_the_data_gives_is_caught(monkeypatch, tmp_path, capsys):
    old = tmp_path / "rules.md"
    old.write_text("# Health rules\n", encoding="utf-8")
    monkeypatch.setattr(write_rules_page, "PAGE", old)
    monkeypatch.setattr("sys.argv", ["write_rules_page.py", "--check"])
    assert write_rules_page.main() == 1
    monkeypatch.setattr("sys.argv", ["write_rules_page.py"])
    assert write_rules_page.main() == 0
    monkeypatch.setattr("sys.argv", ["write_rules_page.py", "--check"])
    assert write_rules_page.main() == 0
    assert "what the data gives" in capsys.readouterr().out
