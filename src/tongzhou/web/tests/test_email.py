"""Letters leave by the mail server that the environment names, and its password by nothing else."""

import smtplib
from dataclasses import dataclass, field

import pytest
from django.core.mail import EmailMessage, get_connection

from tongzhou.web import env

SECRET = "canary"


@dataclass
class Heard:
    """What a mail server would have heard."""

    said: list[tuple] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch) -> Heard:
    """Both kinds of connection, without a socket."""
    heard = Heard()

    class Connection:
        kind = "plain"

        def __init__(self, host, port, **_more):
            heard.said.append((self.kind, host, port))

        def starttls(self, **_more):
            heard.said.append(("starttls",))

        def login(self, user, password):
            heard.said.append(("login", user, password))

        def sendmail(self, sender, to, message):
            heard.said.append(("letter", sender, tuple(to), b"\xe4" in message or b"=" in message))

        def quit(self):
            heard.said.append(("quit",))

    class Sealed(Connection):
        kind = "tls"

    monkeypatch.setattr(smtplib, "SMTP", Connection)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Sealed)
    return heard


def send(settings, url: str) -> None:
    for name, value in env.email(url).items():
        setattr(settings, name, value)
    letter = EmailMessage("邀请", "请登录", "office@example.org", ["a@example.org"])
    get_connection(settings.EMAIL_BACKEND).send_messages([letter])


def test_a_letter_is_sent_after_starttls_and_the_password(server, settings):
    send(settings, "smtp://office:p%40ss@mail.example.org:2525")
    assert [word[0] for word in server.said] == ["plain", "starttls", "login", "letter", "quit"]
    assert server.said[0] == ("plain", "mail.example.org", 2525)
    assert server.said[2] == ("login", "office", "p@ss")
    assert server.said[3][1:3] == ("office@example.org", ("a@example.org",))


def test_smtps_is_sealed_from_the_start(server, settings):
    send(settings, "smtps://office:p%40ss@mail.example.org")
    assert [word[0] for word in server.said] == ["tls", "login", "letter", "quit"]
    assert server.said[0] == ("tls", "mail.example.org", 465)


def test_a_relay_on_this_machine_needs_neither(server, settings):
    send(settings, "smtp://localhost:25")
    assert [word[0] for word in server.said] == ["plain", "letter", "quit"]


def test_letters_can_be_kept_as_files(settings, tmp_path):
    send(settings, f"file://{tmp_path}/letters")
    (kept,) = (tmp_path / "letters").iterdir()
    assert "a@example.org" in kept.read_text()


@pytest.mark.parametrize(
    "url",
    [
        f"smtp://office:{SECRET}#x@mail.example.org",
        f"smtp://office:{SECRET}/x@mail.example.org",
        f"smtp://office:x?{SECRET}@mail.example.org",
        f"smtp://office:12/{SECRET}@mail.example.org",
        f"smtp://office:12?{SECRET}@mail.example.org",
        f"smtp://office:12#{SECRET}@mail.example.org",
        f"smtp://office:{SECRET}@mail.example.org:many",
        f"smtp://office:{SECRET}@",
        f"http://office:{SECRET}@mail.example.org",
        f"{SECRET}",
    ],
)
def test_a_wrong_address_is_refused_without_repeating_the_password(url, caplog):
    with pytest.raises(env.SettingError, match="smtp://user:password@host:port") as refused:
        env.email(url)
    assert SECRET not in str(refused.value)
    # Python prints what an error was raised from as well.
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert SECRET not in caplog.text


def test_nothing_is_logged_of_a_sign_in_that_fails(server, settings, monkeypatch, caplog):
    def refuse(self, user, password):
        raise smtplib.SMTPAuthenticationError(535, b"5.7.8 refused")

    monkeypatch.setattr(smtplib.SMTP, "login", refuse)
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        send(settings, f"smtp://office:{SECRET}@mail.example.org")
    assert SECRET not in f"{refused.value}{caplog.text}"


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://office:p%40ss@mail.example.org", 587, True, False),
        ("smtps://office:p%40ss@mail.example.org", 465, False, True),
        ("smtp://office:p%40ss@localhost:25", 25, False, False),
    ],
)
def test_letters_leave_over_tls(url, port, starttls, tls):
    found = env.email(url)
    assert (found["EMAIL_PORT"], found["EMAIL_HOST_PASSWORD"]) == (port, "p@ss")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (starttls, tls)


@pytest.mark.parametrize("url", ["", "consolemail:"])
def test_without_a_mail_server_letters_are_printed(url):
    assert env.email(url)["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "file:"])
def test_a_mail_server_that_is_none_is_refused(url):
    with pytest.raises(env.SettingError, match="smtp://"):
        env.email(url)
