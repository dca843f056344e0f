"""Each way against a real server: where the email ends up, what is tried again, and what must never be."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from bot.mail import NotNow, Refused, Unclear
from bot.mail.folders import readable
from bot.mail.imap import Imap
from bot.mail.message import Letter, written
from bot.mail.outbox import Outbox
from bot.mail.server import Server, read
from bot.mail.smtp import Smtp
from tests.mail_servers import PASSWORD, PLAIN, USER, Mailbox, Sink, dovecot, smtp_sink, why_no_dovecot
from tests.running import free_port
from tests.test_mail_message import KNOWN

needs_dovecot = pytest.mark.skipif(bool(why_no_dovecot()), reason=why_no_dovecot())
SUBJECT = "Grüße aus Köln 😀"


class Begin:
    """Counts how often the step that cannot be taken back was announced."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def email(token: str = "0123abcd") -> EmailMessage:
    body = f"Hi Dana,\n\n{'x' * 1_000}\n.\n\nMaya\n"
    known = {**KNOWN, "message_id": f"<{token}@mendwell.example>", "subject": SUBJECT, "body": body}
    return written(Letter(**known))


def same(got: EmailMessage, sent: EmailMessage) -> bool:
    names = ("Message-ID", "From", "To", "Subject", "Date")
    texts = [each.get_content().split() for each in (got, message_from_bytes(sent.as_bytes(), policy=default))]
    return texts[0] == texts[1] and all(str(got[name]) == str(sent[name]) for name in names)


# The outbox -------------------------------------------------------------------------------------------------------


def test_an_email_is_one_file_however_often_it_is_delivered(tmp_path: Path) -> None:
    way, begin = Outbox(tmp_path / "outbox"), Begin()
    said = [way.deliver(email(), again=again, begin=begin) for again in (False, True, True)]
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "0123abcd.eml" and said == ["In the outbox: 0123abcd.eml"] * 3
    assert begin.times == 1
    got = message_from_bytes(file.read_bytes(), policy=default)
    assert same(got, email()) and got["X-Unsent"] == "1", "a mail program opens it as a draft"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_half_a_file_of_a_dead_worker_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "0123abcd.part").write_bytes(b"Subject: half")
    Outbox(tmp_path).deliver(email(), again=True, begin=Begin())
    assert [path.suffix for path in tmp_path.iterdir()] == [".eml"]
    assert same(message_from_bytes((tmp_path / "0123abcd.eml").read_bytes(), policy=default), email())


def test_an_outbox_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="cannot be written to"):
        Outbox(tmp_path / "file" / "outbox").deliver(email(), again=False, begin=Begin())


# IMAP -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with dovecot() as mailbox:
        yield mailbox


@needs_dovecot
def test_a_draft_stands_in_the_mailbox_whatever_its_folder_is_called(mailbox: Mailbox) -> None:
    begin = Begin()
    said = Imap(mailbox.server()).deliver(email("imap1"), again=False, begin=begin)
    assert said == f"Saved as a draft in Entwürfe of {USER}" and begin.times == 1
    ((got, flags),) = [each for each in mailbox.drafts() if each[0]["Message-ID"] == "<imap1@mendwell.example>"]
    assert same(got, email("imap1")) and {b"\\Draft", b"\\Seen"} <= flags


@needs_dovecot
def test_a_draft_that_is_there_already_is_found_and_not_added_again(mailbox: Mailbox) -> None:
    way, begin = Imap(mailbox.server()), Begin()
    for again in (False, True, True):
        way.deliver(email("imap2"), again=again, begin=begin)
    way.deliver(email("imap3"), again=True, begin=begin)
    ids = [message["Message-ID"] for message, _ in mailbox.drafts()]
    assert ids.count("<imap2@mendwell.example>") == ids.count("<imap3@mendwell.example>") == 1
    assert begin.times == 2


@needs_dovecot
def test_a_draft_that_was_sent_meanwhile_is_not_added_again(mailbox: Mailbox) -> None:
    with mailbox.opened() as opened:
        opened.append("Sent", "", "", email("imap4").as_bytes())
    begin = Begin()
    Imap(mailbox.server()).deliver(email("imap4"), again=True, begin=begin)
    assert begin.times == 0


@needs_dovecot
def test_a_wrong_password_is_said_with_the_setting_and_without_the_password(mailbox: Mailbox) -> None:
    with pytest.raises(Refused, match=f"password of {USER}.*AFTERWORD_MAIL_PASSWORD") as refused:
        Imap(mailbox.server("wrong-guess")).deliver(email(), again=False, begin=Begin())
    assert "wrong-guess" not in str(refused.value)


@needs_dovecot
def test_a_mailbox_without_special_folders_is_searched_by_name_and_one_without_drafts_says_so() -> None:
    with dovecot(mailboxes=PLAIN) as plain:
        way = Imap(plain.server())
        assert "in Drafts of" in way.deliver(email(), again=False, begin=Begin())
        with plain.opened() as opened:
            opened.delete("Drafts")
            opened.create("Vorlagen")
        # Dovecot makes its folder anew when it is asked for, so another server's answer is played.
        with pytest.raises(Refused, match="Create one called Drafts"):
            way._drafts({b"INBOX": b"INBOX", b"Vorlagen": b"Vorlagen"})


def test_a_server_that_is_away_is_tried_again() -> None:
    nobody = Server("imap", "127.0.0.1", free_port(), False, USER, PASSWORD)
    for way in (Imap(nobody), Smtp(replace(nobody, kind="smtp"))):
        with pytest.raises(NotNow, match="does not answer"):
            way.deliver(email(), again=False, begin=Begin())


@pytest.mark.parametrize(("coded", "name"), [(b"Entw&APw-rfe", "Entwürfe"), (b"R&-D", "R&D"), (b"Drafts", "Drafts")])
def test_folder_names_are_read_as_people_write_them(coded: bytes, name: str) -> None:
    assert readable(coded) == name


# SMTP -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


def test_an_email_is_sent_once_to_the_recipient(sink: Sink) -> None:
    begin = Begin()
    assert Smtp(sink.server()).deliver(email(), again=False, begin=begin) == "Sent through 127.0.0.1"
    ((recipients, got),) = sink.received
    assert recipients == ["dana@northwind.example"] and same(got, email()) and begin.times == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "meaning"), [("550 no such user", Refused), ("451 try later", NotNow)])
def test_a_servers_no_is_final_and_its_later_is_not(
    sink: Sink, command: str, answer: str, meaning: type[Exception]
) -> None:
    sink.answers[command] = [answer]
    begin = Begin()
    with pytest.raises(meaning, match=answer[4:]):
        Smtp(sink.server()).deliver(email(), again=False, begin=begin)
    assert sink.received == [] and begin.times == (command == "DATA")


def test_an_answer_that_never_comes_is_unclear(sink: Sink) -> None:
    sink.break_off = 1
    with pytest.raises(Unclear, match="did not say"):
        Smtp(sink.server()).deliver(email(), again=False, begin=Begin())
    assert len(sink.received) == 1, "it has gone out all the same"


def test_what_stops_at_the_last_moment_has_not_gone_out(sink: Sink) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        Smtp(sink.server()).deliver(email(), again=False, begin=stop)
    assert sink.received == []


def test_a_login_is_used_and_a_wrong_password_is_final() -> None:
    with smtp_sink(login=True) as sink:
        Smtp(sink.server(user=USER, password=PASSWORD)).deliver(email(), again=False, begin=Begin())
        with pytest.raises(Refused, match="AFTERWORD_MAIL_PASSWORD"):
            Smtp(sink.server(user=USER, password="wrong")).deliver(email("other"), again=False, begin=Begin())
        assert sink.ids() == ["<0123abcd@mendwell.example>"]


def test_no_password_goes_over_the_network_in_the_clear() -> None:
    assert read("smtp://rep@mail.example.com").starttls and read("imap://rep@mail.example.com").starttls
    assert not read("smtps://rep@mail.example.com").starttls
    assert not read("smtp://127.0.0.1:2525").starttls, "on this machine nobody listens in"


@pytest.mark.parametrize(
    ("url", "host", "port", "user"),
    [
        ("imaps://rep@mail.example.com", "mail.example.com", 993, "rep"),
        ("imaps://rep@example.com@mail.example.com:9993", "mail.example.com", 9993, "rep@example.com"),
        ("smtps://rep%40example.com@mail.example.com", "mail.example.com", 465, "rep@example.com"),
        ("smtp://relay.example.com", "relay.example.com", 587, None),
    ],
)
def test_an_address_of_a_server_is_read(url: str, host: str, port: int, user: str | None) -> None:
    found = read(url, "secret")
    assert (found.host, found.port, found.user) == (host, port, user)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "url",
    ["imaps://rep:secret@mail.example.com", "rep:secret@mail.example.com", "imaps://rep:se/cr@t@mail.example.com",
     "imaps://mail.example.com", "https://rep@mail.example.com", "imaps://rep@mail.example.com:port", "imaps://rep@"],
)  # fmt: skip
def test_a_wrong_one_is_refused_without_showing_what_may_be_a_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail\.example\.com|imaps://rep@") as refused:
        read(url)
    assert "secret" not in str(refused.value) and "cr@t" not in str(refused.value)
