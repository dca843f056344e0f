"""Answers: read as people mean them, matched to what they answer, kept once, and heeded at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot import sequences
from bot.mail.arrived import arrived
from bot.mail.imap import Imap
from bot.mail.inbox import Inbox
from bot.replies import Reading, keep, read
from bot.sequences import Sequencing
from model.playbook import Playbooks
from model.replies import Kind, Reply, bare, classed
from storage.database import Database
from storage.tables import Contact, Event, Mailbox, Outcome, OutcomeKind, Pair, SequenceStatus, Workspace
from tests import mail_servers
from tests.benchmarks import replies as bench
from tests.fakes import FakeEngines
from tests.mail_servers import USER, dovecot, why_no_dovecot
from tests.replies import cases
from tests.rows import contact as add_contact
from tests.rows import only
from tests.test_delivery import Office, Played
from tests.test_drafting import ask, desk
from tests.test_reviewing import claim_and_draft

needs_dovecot = pytest.mark.skipif(bool(why_no_dovecot()), reason=why_no_dovecot())
DANA = "dana.whitfield@northwind.example"


# What an answer says --------------------------------------------------------------------------------------------------


def test_answers_are_read_as_people_read_them() -> None:
    missed = [figure for figure in bench.measure(quick=True) if not figure.met]
    assert missed == []


def test_the_rules_and_the_rows_know_the_same_kinds() -> None:
    assert {str(kind) for kind in Kind} == {str(kind) for kind in OutcomeKind}


def test_every_answer_has_its_reason_in_words() -> None:
    assert classed(Reply("Thursday works for me.")).reason == "it says “thursday works”"
    away = classed(Reply("Back on Monday.", headers={"auto-submitted": "auto-replied"}))
    assert away.reason == "Auto-Submitted says auto-replied; it says “back on”"


def test_a_footer_of_ours_that_somebody_quotes_is_no_wish_of_theirs() -> None:
    quoting = [case for case in cases("known", seed=3, rounds=5) if b"reply with" in case.raw]
    assert quoting
    assert bench.false_unsubscribes(quoting) == 0


@pytest.mark.parametrize("word", ["Re: Hello", "AW: Re: Hello", "Automatic reply: Hello", "RE: AW: hello "])
def test_a_subject_is_the_same_with_whatever_answers_put_before_it(word: str) -> None:
    assert bare(word) == "hello"


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"Content-Type: multipart/report\r\n", b"From: mailer-daemon\r\n"])
)
@settings(max_examples=200, deadline=None)
def test_no_email_is_too_broken_to_be_read(raw: bytes, head: bytes) -> None:
    found = arrived(head + raw)
    assert found.message_id
    classed(Reply(found.text, found.subject))


def test_a_long_answer_takes_no_longer_than_a_blink() -> None:
    for text in ("keine mails " * 400, "not receive " * 400, "take me " * 500, "a" * 5000):
        assert classed(Reply(text)).kind in Kind


# What follows from it -------------------------------------------------------------------------------------------------


@dataclass
class Post:
    """An office whose first email has left, and the answers to it."""

    office: Office
    reading: Reading

    def answer(self, text: str, number: int = 1, **headers: str) -> EmailMessage:
        message = EmailMessage()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        known = {"In-Reply-To": self.office.delivery().message_id, "Subject": "Re: Hello", "From": f"Dana <{DANA}>"}
        for name, value in {**known, "Message-ID": f"<a{number}@northwind.example>", **given}.items():
            if value:
                message[name] = value
        message.set_content(text)
        return message

    def comes(self, text: str, number: int = 1, **headers: str) -> bool:
        return keep(self.reading, arrived(self.answer(text, number, **headers).as_bytes()))

    def outcomes(self) -> list[Outcome]:
        with self.office.database.reading() as session:
            return list(session.exec(select(Outcome).where(Outcome.workspace_id == 1).order_by(Outcome.id)))

    def contact(self) -> Contact:
        with self.office.database.reading() as session:
            row: Contact = only(session, Contact)
        return row


def sent(office: Office) -> Post:
    ask(office.database)
    draft = claim_and_draft(desk(office.database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))
    office.approve(draft)
    assert office.work(seconds=15)
    server = mail_servers.Mailbox(0).server()
    return Post(office, Reading(office.database, Inbox(server), office.clock, frozenset({USER})))


@pytest.fixture
def post(database: Database) -> Post:
    return sent(Office(database, Played()))


@pytest.mark.both_databases
def test_an_answer_is_one_outcome_however_often_it_is_read(post: Post) -> None:
    assert [post.comes("Yes, Thursday works for me.") for _ in range(2)] == [True, False]
    (outcome,) = post.outcomes()
    assert (outcome.kind, outcome.draft_id, outcome.certain) == (OutcomeKind.positive, 1, True)
    with post.office.database.reading() as session:
        events = session.exec(select(Event).where(Event.workspace_id == 1, Event.source == "mailbox")).all()
        pair = session.exec(select(Pair).where(Pair.workspace_id == 1)).one()
    assert [(event.kind, event.body) for event in events] == [("email_received", "Yes, Thursday works for me.")]
    assert pair.replied, "what earned an answer weighs more in the next training"


@pytest.mark.both_databases
def test_who_asks_for_no_more_emails_gets_none_from_any_record(post: Post) -> None:
    with post.office.database.writing() as session:
        row = add_contact(session, 1, email="other@northwind.example")
        row.email = DANA
    assert post.comes("Please take me off your list.")
    with post.office.database.reading() as session:
        rows = session.exec(select(Contact).where(Contact.workspace_id == 1, Contact.email == DANA)).all()
    assert len(rows) == 2 and all(row.email_opt_out for row in rows)
    assert post.contact().consent_origin == "asked by email" and not post.contact().bounced


def test_a_sequence_ends_when_somebody_asks_for_no_more_emails(post: Post) -> None:
    job = Sequencing(post.office.database, Playbooks(), ZoneInfo("UTC"), post.office.clock)
    with post.office.database.reading() as session:
        workspace = session.exec(select(Workspace)).one()
    goal = {"playbook": "saas_onboarding", "goal": "Shared inbox", "started_by": "U1"}
    row = sequences.begin(job, workspace=workspace, email=DANA, **goal)
    assert row.id
    post.comes("unsubscribe")
    post.office.clock.move(days=30)
    assert sequences.advance(job, workspace_id=1, sequence_id=row.id) is None
    with post.office.database.reading() as session:
        stopped = only(session, type(row), row.id)
    assert stopped.status == SequenceStatus.stopped and "opted out" in stopped.reason


def test_an_address_that_does_not_exist_is_not_written_to_again(post: Post) -> None:
    lasting, passing = (
        [case for case in cases("known", seed=1) if case.kind == "bounce" and case.permanent is permanent]
        for permanent in (True, False)
    )
    ours = post.office.delivery().message_id.encode()
    assert keep(post.reading, arrived(passing[0].raw.replace(b"<0123abcd@mendwell.example>", ours)))
    assert not post.contact().bounced, "it may still arrive"
    assert keep(post.reading, arrived(lasting[0].raw.replace(b"<0123abcd@mendwell.example>", ours)))
    assert post.contact().bounced
    assert [row.kind for row in post.outcomes()] == [OutcomeKind.bounce] * 2


def test_an_automatic_answer_is_no_answer_of_theirs(post: Post) -> None:
    assert post.comes("I am out of the office until Monday.", Auto_Submitted="auto-replied")
    with post.office.database.reading() as session:
        assert session.exec(select(Event).where(Event.workspace_id == 1, Event.source == "mailbox")).all() == []
        assert session.exec(select(Pair).where(Pair.workspace_id == 1)).one().replied is None


def test_an_answer_that_names_nothing_is_known_by_sender_and_subject(post: Post) -> None:
    assert post.comes("Sounds good.", In_Reply_To="")
    assert not post.outcomes()[0].certain
    assert not post.comes("Sounds good.", 2, In_Reply_To="", Subject="Something else")
    assert not post.comes("Sounds good.", 3, In_Reply_To="", From="eve@elsewhere.example")
    post.office.clock.move(days=61)
    assert not post.comes("Sounds good.", 4, In_Reply_To="")


def test_a_mail_program_that_unsubscribes_is_heard_without_a_thread(post: Post) -> None:
    assert post.comes("", In_Reply_To="", Subject="unsubscribe")
    assert post.contact().email_opt_out


def test_what_we_write_ourselves_answers_nothing(post: Post) -> None:
    assert not post.comes("Just checking in again.", From=f"Maya <{USER}>")
    assert post.outcomes() == []


# In a real mailbox ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[mail_servers.Mailbox]:
    with dovecot() as mailbox:
        yield mailbox


@pytest.fixture
def delivered(database: Database, server: mail_servers.Mailbox) -> Post:
    """An email that stands among the drafts of the mailbox, and an INBOX as the tests before left it."""
    found = sent(Office(database, Imap(server.server())))
    found.reading = Reading(database, Inbox(server.server()), found.office.clock, frozenset({USER}))
    return found


def put(server: mail_servers.Mailbox, folder: str, message: EmailMessage) -> None:
    with server.opened() as mailbox:
        assert mailbox.append(folder, "", "", message.as_bytes())[0] == "OK"


@needs_dovecot
def test_an_answer_in_the_mailbox_is_found_once_and_left_unread(server: mail_servers.Mailbox, delivered: Post) -> None:
    put(server, "INBOX", delivered.answer("Please unsubscribe me."))
    private = delivered.answer("Lunch?", 2, In_Reply_To="", From="friend@home.example", Subject="Lunch")
    put(server, "INBOX", private)
    assert [read(delivered.reading) for _ in range(2)] == [1, 0]
    assert [row.kind for row in delivered.outcomes()] == [OutcomeKind.unsubscribe]
    assert delivered.contact().email_opt_out
    assert all(b"\\Seen" not in flags for _, flags in server.drafts("INBOX"))
    with delivered.office.database.reading() as session:
        assert len(session.exec(select(Event).where(Event.workspace_id == 1, Event.source == "mailbox")).all()) == 1


@needs_dovecot
def test_reading_anew_after_the_server_counted_anew_doubles_nothing(
    server: mail_servers.Mailbox, delivered: Post
) -> None:
    put(server, "INBOX", delivered.answer("Yes, please send the contract.", 3))
    read(delivered.reading)
    before = len(delivered.outcomes())
    with delivered.office.database.writing() as session:
        for row in session.exec(select(Mailbox)):
            row.uidvalidity = 1
    put(server, "INBOX", delivered.answer("And one more question?", 4))
    assert read(delivered.reading) == 1 and len(delivered.outcomes()) == before + 1


@needs_dovecot
def test_an_answer_to_a_draft_that_a_mail_program_sent_under_another_id_is_found(
    server: mail_servers.Mailbox, delivered: Post
) -> None:
    ((draft, _),) = [
        each for each in server.drafts() if each[0]["Message-ID"] == delivered.office.delivery().message_id
    ]
    del draft["Message-ID"]
    draft["Message-ID"] = "<made-by-a-program@mendwell.example>"
    put(server, "Sent", draft)
    answer = delivered.answer("Who else uses it?", 5, In_Reply_To="<made-by-a-program@mendwell.example>")
    put(server, "INBOX", answer)
    read(delivered.reading)
    assert delivered.outcomes()[-1].kind == OutcomeKind.question and delivered.outcomes()[-1].certain
    assert delivered.office.delivery().sent_as == "<made-by-a-program@mendwell.example>"


@needs_dovecot
def test_of_two_replicas_one_reads(server: mail_servers.Mailbox, delivered: Post) -> None:
    put(server, "INBOX", delivered.answer("Yes.", 6))
    read(delivered.reading)
    put(server, "INBOX", delivered.answer("Yes!", 7))
    with delivered.office.database.writing() as session:
        for row in session.exec(select(Mailbox)):
            row.read_after = delivered.office.clock() + timedelta(minutes=1)
    assert read(delivered.reading) == 0
    delivered.office.clock.move(minutes=2)
    assert read(delivered.reading) == 1
