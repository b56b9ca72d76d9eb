"""Settings come from the environment alone, and an unsafe one is refused in words."""

import pytest

from tongzhou.web import env

LONG = "k" * 50


@pytest.fixture
def production(monkeypatch):
    for name in env.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_default_stands_where_nothing_is_set(production):
    assert env.text("TONGZHOU_EMERGENCY_NUMBER") == "120"
    assert env.words("TONGZHOU_HOSTS") == ["localhost", "127.0.0.1"]
    assert env.mode() == "production"


def test_a_name_that_is_not_declared_is_an_error_of_the_program(production):
    with pytest.raises(KeyError):
        env.text("TONGZHOU_UNKNOWN")


def test_another_mode_is_refused(production):
    production.setenv("TONGZHOU_MODE", "staging")
    with pytest.raises(env.SettingError, match="production, demo, test"):
        env.mode()


def test_a_count_is_a_whole_number_or_nothing(production):
    assert env.count("TONGZHOU_ROUTE_WORKERS", 8) is None
    production.setenv("TONGZHOU_ROUTE_WORKERS", " 8 ")
    assert env.count("TONGZHOU_ROUTE_WORKERS", 8) == 8
    for word in ("9", "-1", "two", "1.5", "８"):
        production.setenv("TONGZHOU_ROUTE_WORKERS", word)
        with pytest.raises(env.SettingError, match="Set it to 0 to 8"):
            env.count("TONGZHOU_ROUTE_WORKERS", 8)


@pytest.mark.parametrize("key", ["", "short", "k" * 49])
def test_production_needs_a_long_key(production, key):
    production.setenv("TONGZHOU_SECRET_KEY", key)
    with pytest.raises(env.SettingError, match="at least 50"):
        env.secret("production")


def test_the_key_comes_from_the_environment_or_a_file(production, tmp_path):
    production.setenv("TONGZHOU_SECRET_KEY", LONG)
    assert env.secret("production") == LONG
    file = tmp_path / "key"
    file.write_text("f" * 60 + "\n")
    production.setenv("TONGZHOU_SECRET_KEY_FILE", str(file))
    assert env.secret("production") == "f" * 60


def test_a_key_file_that_is_not_there_is_named(production, tmp_path):
    production.setenv("TONGZHOU_SECRET_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(env.SettingError, match="nothing, which cannot be read"):
        env.secret("production")


def test_demo_and_tests_do_without_a_key(production):
    assert len(env.secret("demo")) >= 50


def test_sqlite_never_acknowledges_before_it_has_written():
    options = env.database("sqlite:///house.sqlite3")["OPTIONS"]
    assert "synchronous=FULL" in options["init_command"]
    assert "journal_mode=WAL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///house.sqlite3", "house.sqlite3"),
        ("sqlite:////srv/tongzhou/house.sqlite3", "/srv/tongzhou/house.sqlite3"),
        ("sqlite:///with%20space.sqlite3", "with space.sqlite3"),
        ("sqlite://", ":memory:"),
    ],
)
def test_an_sqlite_address_names_a_file(url, name):
    assert env.database(url)["NAME"] == name


def test_a_postgresql_address_is_taken_apart():
    found = env.database("postgresql://office:p%40ss@db.example.org:5433/house?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("house", "office", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example.org", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_another_database_is_refused():
    with pytest.raises(env.SettingError, match="mysql"):
        env.database("mysql://host/name")


def test_production_on_this_machine_alone_is_safe(production):
    assert env.faults() == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("TONGZHOU_HOSTS", "*", "Name the hosts"),
        ("TONGZHOU_HOSTS", "relief.example.org", "without https"),
    ],
)
def test_production_names_what_is_unsafe(production, name, value, fault):
    production.setenv(name, value)
    assert any(fault in found for found in env.faults())


def test_https_makes_the_open_network_safe(production):
    production.setenv("TONGZHOU_HOSTS", "relief.example.org")
    production.setenv("TONGZHOU_BASE_URL", "https://relief.example.org")
    assert env.faults() == []


def test_demo_and_tests_are_not_judged(production):
    production.setenv("TONGZHOU_MODE", "demo")
    production.setenv("TONGZHOU_HOSTS", "*")
    assert env.faults() == []
