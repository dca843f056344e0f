"""Playbooks: a wrong file is refused in plain words, a thin record is not written to, a required line always stands."""

import logging
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot import briefs, drafting
from bot.drafting import LEASE, draft_one
from model import brief as facts
from model.compose import compose
from model.engine import Completion
from model.evaluate import Known, score
from model.pairs import Pair, examples
from model.playbook import DEFAULT, PACKAGED, PLAIN, Playbook, Playbooks, finished_body, missing, read, required_lines
from model.prompt import messages
from model.rules import Rule
from model.yaml_file import FileMistake, read_into
from storage import queries
from storage.database import Database
from storage.tables import Contact, Event, Status
from tests.fakes import MONDAY, Clock, FakeEngines
from tests.rows import brief
from tests.test_prompt import VOICE

pytestmark = pytest.mark.both_databases

NAMES = {"sales_follow_up", "re_engage", "event_follow_up", "law_intake", "msp_lead", "saas_onboarding"}
BOOKS = Playbooks()
LINE = "This is not legal advice, {{first_name}}."
LAW = Playbook(name="law", title="Law", must_say=(LINE, "Please bring an ID."), instructions="Thank them.")
TODAYS_PROMPT = """To: Dana, COO at Northwind Foods (Food)
From: Maya
Deal: Northwind rollout, Proposal
What happened, newest first:
1. attended a webinar, 4 days ago: Planning without panic
2. viewed a page, 3 times: Pricing
Write the email. Goal: book a demo"""


def test_the_packaged_playbooks_are_whole() -> None:
    assert set(BOOKS) == NAMES and not BOOKS.mistakes
    assert {path.stem for path in PACKAGED.glob("*.yml")} == NAMES, "a file is named as its playbook"
    for book in BOOKS.values():
        assert book.title and book.when_to_use and book.goals
        assert all(reason.endswith(".") for reason in book.must_not_say.values())


@pytest.mark.parametrize("slots", [False, True])
def test_the_default_leaves_the_prompt_as_adapters_learned_it(slots: bool) -> None:
    today = messages(brief(), VOICE, slots=slots)
    assert messages(brief(), VOICE, slots=slots, playbook=BOOKS[DEFAULT]) == today
    assert PLAIN.name == DEFAULT and not BOOKS[DEFAULT].must_say
    if not slots:
        assert today[1]["content"] == TODAYS_PROMPT


@pytest.mark.parametrize("name", sorted(NAMES - {DEFAULT}))
def test_any_other_puts_its_instructions_before_the_goal(name: str) -> None:
    *_, instructions, goal = messages(brief(), VOICE, slots=True, playbook=BOOKS[name])[1]["content"].split("\n")
    assert instructions == BOOKS[name].instructions and goal.startswith("Write the email.")


WRONG = [
    ("name: Big", "line 1, column 7", "'Big'", "Use small letters"),
    ("name: x\ntitel: y", "line 2, column 1", "'titel'", "Did you mean 'title'?"),
    ("name: x\ntitle: 5", "line 2, column 8", "5", "Put it in quotes"),
    ("name: x\ntitle: y\nrequires: [deal.stag]", "line 3, column 12", "'deal.stag'", "Did you mean 'deal.stage'?"),
    ("name: x\ntitle: y\nrequires:\n- weather", "line 4, column 3", "'weather'", "Known: contact.first_name"),
    ("name: x\ntitle: y\nrequires:\n- event of webinar_atended", "line 4, column 3", "'webinar_atended'", "attended'?"),
    ("name: x\ntitle: y\nmust_not_say:\n  'a(': no", "line 4, column 3", "'a('", "no regular expression"),
    ("name: x\ntitle: y\nmust_not_say: ['a*']", "line 3, column 16", "'a*'", "forbid every text"),
    ("name: x\ntitle: y\nmust_say: ['{{weather}}']", "line 3, column 12", "'weather'", "Known: first_name"),
    ("name: x\ntitle: y\nmust_say: [No advice]\nmust_not_say: [advice]", "line 4", "'advice'", "Change one"),
    ("name: x\ntitle: y\nfooter: perhaps", "line 3, column 9", "'perhaps'", "true or false"),
    ("name: x\ntitle: y\nsteps: [{day: 3, goal: a}, {day: 0, goal: b}]", "line 3", "3, 0", "in order"),
    ("name: x\ntitle: y\nsteps: [{dy: 3, goal: a}]", "line 3, column 10", "'dy'", "Did you mean 'day'?"),
    ("name: x\nname: y\ntitle: z", "line 2, column 1", "'name'", "Keep one"),
    ("name: x\ntitle: a: b", "line 2, column 9", "mapping values", "needs quotes"),
    (f"name: {DEFAULT}\ntitle: y\ninstructions: Hi", "line 3, column 15", "'Hi'", "Take another name"),
    ("name: x\ntitle: y\ninstructions: " + "a" * 301, "line 3, column 15", "aaa…", "Shorten it"),
    ("", "line 1, column 1", "'name'", "Add a line"),
    ("- name", "line 1, column 1", "no settings", "Write lines such as"),
    ("name: \x00", "line 1", "character", "Delete it"),
    ("[" * 3000, "mine.yml", "nested", "plain lines"),
]


@pytest.mark.parametrize(("text", "place", "value", "remedy"), WRONG)
def test_a_mistake_is_named_by_file_line_value_and_remedy(text: str, place: str, value: str, remedy: str) -> None:
    with pytest.raises(FileMistake) as error:
        read_into(Playbook, text, "mine.yml")
    sentences = [said for said in error.value.mistakes if place in said]
    assert any(said.startswith("mine.yml") and value in said and remedy in said for said in sentences), error.value


def test_every_mistake_is_named_in_the_order_of_the_file() -> None:
    with pytest.raises(FileMistake) as error:
        read_into(Playbook, "name: Big\ntitel: x\nrequires: [deal.stag]\nfooter: perhaps", "f")
    lines = [said.split(",")[1] for said in error.value.mistakes]
    assert lines == sorted(lines) and len(lines) == 5, "four mistakes, and the title that is missing"


@given(st.text(max_size=200))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    try:
        read_into(Playbook, text, "f")
    except FileMistake as error:
        assert all(said.startswith("f") for said in error.mistakes)


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMistake, match=r"none\.yml: No such file"):
        read(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes("name: café".encode("latin-1"))
    with pytest.raises(FileMistake, match=r"line 1: .* Save the file as UTF-8"):
        read(tmp_path / "latin.yml")


def test_a_team_adds_and_replaces_by_dropping_a_file(tmp_path: Path) -> None:
    books = Playbooks([tmp_path / "playbooks"])
    assert set(books) == NAMES, "the folder need not be there"
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "fair.yml").write_text("name: fair\ntitle: Trade fair")
    (tmp_path / "playbooks" / "ours.yml").write_text("name: re_engage\ntitle: Our own way")
    assert books["fair"].title == "Trade fair" and books["re_engage"].title == "Our own way"
    (tmp_path / "playbooks" / "ours.yml").unlink()
    assert books["re_engage"] == BOOKS["re_engage"]


def test_a_wrong_file_leaves_the_others_and_its_last_good_version_in_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fair, broken = tmp_path / "fair.yml", tmp_path / "broken.yml"
    fair.write_text("name: fair\ntitle: Trade fair")
    broken.write_text("name: broken\ntitel: x")
    books = Playbooks([tmp_path])
    with caplog.at_level(logging.ERROR):
        assert set(books) == NAMES | {"fair"}
        assert "broken.yml, line 2" in books.mistakes[-1] and "titel" in books.mistakes[-1]
    assert len(caplog.records) == 1, "said once, not at every draft"
    fair.write_text("name: fair\ntitle: [")
    os.utime(fair, ns=(1, 1))
    assert books["fair"].title == "Trade fair"
    fair.write_text("name: fair\ntitle: Next fair")
    assert books["fair"].title == "Next fair"
    assert all("broken.yml" in mistake for mistake in books.mistakes)


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("contact.first_name", "their first name"),
        ("contact.title", "their job title"),
        ("company", "their company"),
        ("company.industry", "their company's industry"),
        ("deal", "a deal"),
        ("deal.stage", "the deal's stage"),
        ("note", "a note about what to write"),
        ("event", "something they did"),
        ("event within 30 days", "something they did in the last 30 days"),
        ("event of webinar_attended or call within 9 days", "a webinar they attended or a call in the last 9 days"),
        ("event of robot_visit", "an event of the kind robot_visit"),
    ],
)
def test_what_is_missing_is_said_in_words_for_a_person(fact: str, words: str) -> None:
    bare = brief(contact=facts.Contact(email="x@y.example"), company=None, deal=None, events=())
    assert missing(Playbook(name="x", title="X", requires=(fact,)), bare) == [words]


def test_a_full_record_lacks_nothing_and_an_old_event_or_our_own_email_does_not_count() -> None:
    def lacks(fact: str, *events: facts.Event) -> bool:
        return bool(missing(Playbook(name="x", title="X", requires=(fact,)), brief(events=events)))

    webinar, ours = (
        facts.Event(kind=kind, at=MONDAY - timedelta(days=10)) for kind in ("webinar_attended", "email_sent")
    )
    assert not lacks("event", webinar) and not lacks("event within 10 days", webinar)
    assert lacks("event within 9 days", webinar) and lacks("event of meeting", webinar)
    assert lacks("event", ours) and not lacks("event of email_sent", ours)
    for fact in ("contact.first_name", "company", "company.industry", "deal", "deal.stage", "deal.amount"):
        assert not lacks(fact)


def test_a_required_line_needs_the_fact_that_fills_it() -> None:
    assert missing(LAW, brief(contact=facts.Contact(email="x@y.example"))) == ["their first name"]
    assert required_lines(LAW, brief())[0] == "This is not legal advice, Dana."


def test_required_lines_come_in_before_the_sign_off_and_only_where_they_lack() -> None:
    lines = "This is not legal advice, Dana.\n\nPlease bring an ID."
    assert finished_body(LAW, brief(), "Hi Dana,\n\nThanks.\n\nBest,\nMaya") == (
        f"Hi Dana,\n\nThanks.\n\n{lines}\n\nBest,\nMaya"
    )
    assert finished_body(LAW, brief(), "Hi Dana,\n\nThanks.") == f"Hi Dana,\n\nThanks.\n\n{lines}"
    bare = finished_body(LAW, brief(), "Hi Dana,\n\nThanks.\n\nMaya")
    assert bare == f"Hi Dana,\n\nThanks.\n\n{lines}\n\nMaya", "a sender's name alone is a sign-off"
    said = "Hi Dana,\n\nThis is not legal\nadvice, Dana. Please bring an ID.\n\nMaya"
    assert finished_body(LAW, brief(), said) == said


@given(st.text(alphabet=st.sampled_from("Hi Dana,\nMaya Best {}.éé12"), max_size=120))
def test_every_body_ends_up_with_every_line_once_and_loses_nothing(body: str) -> None:
    done = finished_body(LAW, brief(), body)
    for line in required_lines(LAW, brief()):
        assert done.count(line) == 1
    assert finished_body(LAW, brief(), done) == done
    left = done
    for line in required_lines(LAW, brief()):
        left = left.replace(line, " ")
    assert left.split() == body.split()


def replying(text: str) -> Callable[..., Completion]:
    return lambda asked, **how: Completion(text=text, tokens=1, prompt_tokens=1, seconds=0.0, finished=True)


def test_no_rule_of_the_voice_takes_a_required_line_out() -> None:
    strict = VOICE.model_copy(update={"rules": (Rule("length", new="5"), Rule("delete", old="This is not legal"))})
    drafted = compose(
        brief(),
        strict,
        replying("Subject: Hi\n\nHi Dana,\n\nOne two three. Four five six. Seven?\n\nBest,\nMaya"),
        slots=False,
        seed=0,
        temperature=0.0,
        playbook=LAW,
    )
    for line in required_lines(LAW, brief()):
        assert line in drafted.body
    assert LINE not in drafted.completion, "the model's own words are kept apart"


def test_training_and_judging_ask_as_serving_did() -> None:
    pair = Pair(1, "N", "edited", brief(playbook="law"), "Subject: a\n\nb", "Subject: a\n\nHi Dana", MONDAY)
    served = messages(pair.brief, VOICE, slots=True, playbook=LAW)
    assert examples([pair], VOICE, {"law": LAW})[0].messages == served
    asked = []

    def complete(messages: list[dict[str, str]], **how: object) -> Completion:
        asked.append(messages)
        return replying("Subject: a\n\nb")(messages)

    score(
        "one",
        [pair],
        VOICE,
        complete,
        Known(),
        slots=True,
        parallel=1,
        progress=lambda *_: None,
        playbooks={"law": LAW},
    )
    assert asked == [served]
    assert examples([pair], VOICE)[0].messages == messages(pair.brief, VOICE, slots=True), "unknown: as the default"


def drafted(database: Database, playbook: str, engines: FakeEngines) -> drafting.Draft:
    from tests.test_drafting import ask, current, desk

    row = ask(database, f"key {playbook}", playbook=playbook)
    with database.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed
    draft_one(desk(database, engines), claimed)
    return current(database, row.id)


def test_too_thin_a_record_is_told_what_is_missing_instead_of_getting_a_draft(database: Database) -> None:
    engines = FakeEngines()
    refused = drafted(database, "re_engage", engines)
    assert refused.status == Status.failed and not engines.asked
    assert refused.error and refused.error.startswith("Not enough to write honestly: missing the deal's stage.")
    assert "import it again" in refused.error


def test_an_unknown_playbook_says_which_there_are(database: Database) -> None:
    refused = drafted(database, "re_engaged", FakeEngines())
    assert refused.status == Status.failed
    assert refused.error and "'re_engaged'" in refused.error and "law_intake, msp_lead" in refused.error


def test_a_draft_is_asked_for_and_finished_by_its_playbook(database: Database) -> None:
    engines = FakeEngines("Subject: Hi\n\nHi Dana,\n\nThanks.\n\nBest,\nMaya")
    done = drafted(database, "event_follow_up", engines)
    assert done.status == Status.drafted
    assert BOOKS["event_follow_up"].instructions in done.messages[1]["content"]


def newer(session: Session, person: Contact, count: int) -> None:
    for number in range(count):
        session.add(
            Event(
                workspace_id=1,
                source="test",
                source_id=f"n{number}",
                contact_id=person.id,
                at=MONDAY - timedelta(hours=number + 1),
                kind="email_open",
                subject=f"News {number}",
            )
        )
    session.flush()


def test_what_a_playbook_is_about_stays_among_the_facts_however_much_is_newer(database: Database) -> None:
    def kinds(book: Playbook) -> list[str]:
        with database.reading() as session:
            person = queries.contact(session, workspace_id=1, contact_id=1)
            assert person
            made = briefs.build(
                session,
                contact=person,
                goal="x",
                note=None,
                sender="Maya",
                playbook=book.name,
                at=MONDAY,
                zone=MONDAY.tzinfo,  # type: ignore[arg-type]
                book=book,
            )
            assert list(made.events) == sorted(made.events, key=lambda event: event.at, reverse=True)
            return [event.kind for event in made.events]

    with database.writing() as session:
        newer(session, queries.contact(session, workspace_id=1, contact_id=1), 5)  # type: ignore[arg-type]
    assert kinds(PLAIN) == ["email_open", "email_open", "webinar_attended"]  # which tells more than a third opening
    assert kinds(BOOKS["event_follow_up"]) == ["email_open", "email_open", "webinar_attended"]
    assert kinds(BOOKS["msp_lead"]) == ["email_open"] * 5 + ["webinar_attended"]
