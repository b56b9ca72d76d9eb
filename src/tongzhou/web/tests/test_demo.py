"""The second start of the demonstration, on what an earlier version has played."""

from tongzhou.web import demo, health, starting


def test_tables_of_an_earlier_version_are_changed_before_they_are_served(monkeypatch, capsys):
    left = [["plans.0005"]]
    monkeypatch.setattr(health, "unapplied", lambda: left[0])
    monkeypatch.setattr(starting, "migrate", lambda: left.__setitem__(0, []))
    demo._bring_up_to_date()
    assert left == [[]]
    assert "earlier version" in capsys.readouterr().out


def test_tables_of_this_version_are_left_alone(monkeypatch, capsys):
    monkeypatch.setattr(health, "unapplied", list)
    monkeypatch.setattr(starting, "migrate", lambda: 1 / 0)
    demo._bring_up_to_date()
    assert capsys.readouterr().out == ""
