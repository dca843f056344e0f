"""One decision per draft, whatever two people or two clicks do; each decision leaves its pair."""

import threading
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import reviewing
from bot.checking import Standards
from bot.drafting import LEASE, Desk, draft_one
from bot.reviewing import Blocked, NotFound, TooLate
from model.brief import Brief
from model.findings import Finding
from model.repair import SEEDS
from storage import queries
from storage.database import Database
from storage.tables import Audit, Contact, Deal, Draft, Event, Status, Tone, Verdict
from tests.fakes import Clock, FakeEngines
from tests.rows import workspace
from tests.test_drafting import ask, current, desk
from tests.test_prompt import VOICE

STANDARDS = Standards(VOICE, ZoneInfo("UTC"))


def claim_and_draft(at_work: Desk) -> Draft:
    """Draft the oldest request; the row as it stands then."""
    with at_work.database.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert claimed and draft_one(at_work, claimed)
    return current(at_work.database, claimed.id)


@pytest.fixture
def drafted(database: Database) -> Draft:
    ask(database)
    return claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning Dana.\n\nMaya")))


@pytest.fixture
def blocked(database: Database) -> Draft:
    """A draft with a blank that somebody has to fill in."""
    ask(database)
    return claim_and_draft(desk(database, FakeEngines("Subject: Hello\n\nMorning [Name].\n\nMaya")))


def who(row: Draft, clock: Clock | None = None) -> dict[str, object]:
    return {
        "workspace_id": 1,
        "draft_id": row.id,
        "version": row.version,
        "reviewer": "U2",
        "now": (clock or Clock())(),
    }


def only_pair(database: Database):
    with database.reading() as session:
        (pair,) = queries.pairs(session, workspace_id=1, limit=9)
    return pair


def test_an_approval_takes_the_draft_as_it_is(database: Database, drafted: Draft) -> None:
    clock = Clock()
    clock.move(seconds=30)
    with database.writing() as session:
        done = reviewing.approve(session, **who(drafted, clock), standards=STANDARDS)
    assert done.status == Status.approved
    pair = only_pair(database)
    assert pair.verdict == Verdict.approved
    assert pair.final == pair.drafted == "Subject: Hello\n\nMorning Dana.\n\nMaya"
    assert pair.seconds == 30
    assert pair.brief == drafted.brief and pair.messages and pair.prompt_version


def test_an_edit_is_the_approval_of_the_edited_text(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hi", body="Hello Dana.\r\n\r\nMaya  ")
    pair = only_pair(database)
    assert pair.verdict == Verdict.edited
    assert pair.final == "Subject: Hi\n\nHello Dana.\n\nMaya"


@pytest.mark.parametrize("body", ["Morning Dana.\n\nMaya", "Morning Dana. \r\n\r\nMaya\r\n"])
def test_an_edit_that_changes_nothing_is_an_approval(database: Database, drafted: Draft, body: str) -> None:
    with database.writing() as session:
        reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hello ", body=body)
    assert only_pair(database).verdict == Verdict.approved


def test_a_discard_keeps_its_reason_and_has_no_final_text(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.discard(session, **who(drafted), reason="wrong tone")
    pair = only_pair(database)
    assert (pair.verdict, pair.final, pair.reason) == (Verdict.discarded, None, "wrong tone")


def test_two_people_at_once_make_one_decision(database: Database, drafted: Draft) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def decide(number: int) -> None:
        gate.wait()
        try:
            with database.writing() as session:
                if number % 2:
                    reviewing.approve(session, **who(drafted), standards=STANDARDS)
                else:
                    reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hi", body=f"text {number}")
            outcomes.append("won")
        except TooLate as late:
            assert "already" in str(late) and "U2" in str(late)
            outcomes.append("late")

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late"] * 7 + ["won"]
    only_pair(database)


def test_an_old_card_decides_nothing(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        again = reviewing.regenerate(session, **who(drafted))
    with database.writing() as session:
        claimed = queries.claim_draft(session, now=Clock()(), lease=LEASE)
    assert again.status == Status.requested
    assert claimed
    draft_one(desk(database, FakeEngines("Subject: New\n\nSecond try")), claimed)
    with pytest.raises(TooLate, match="changed since"), database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
    newest = current(database, drafted.id)
    assert newest.seed == SEEDS
    with database.writing() as session:
        reviewing.approve(session, **who(newest), standards=STANDARDS)
    assert only_pair(database).drafted == "Subject: New\n\nSecond try"


def test_a_tone_is_asked_of_the_model_and_stays_for_another_try(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.regenerate(session, **who(drafted), tone=Tone.warmer)
    engines = FakeEngines("Subject: New\n\nSecond try")
    shown = claim_and_draft(desk(database, engines))
    with database.writing() as session:
        reviewing.regenerate(session, **who(shown))
    claim_and_draft(desk(database, engines))
    assert all("Make it warmer than usual." in asked[-1]["content"] for asked, _ in engines.asked)
    with database.reading() as session:
        assert [row.detail for row in session.exec(select(Audit))] == [{"tone": "warmer"}, {}]


def test_a_decided_draft_is_not_written_again(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
    for move in (reviewing.regenerate, partial(reviewing.approve, standards=STANDARDS)):
        with pytest.raises(TooLate), database.writing() as session:
            move(session, **who(current(database, drafted.id)))


def test_another_workspaces_draft_does_not_exist(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        other = workspace(session, "T2")
    with pytest.raises(NotFound), database.writing() as session:
        reviewing.approve(session, **{**who(drafted), "workspace_id": other.id}, standards=STANDARDS)
    assert current(database, drafted.id).status == Status.drafted


# What must not leave ----------------------------------------------------------------------------------------------


def overrides(database: Database) -> list[tuple[str, dict[str, object]]]:
    with database.reading() as session:
        return [(row.actor, row.detail) for row in session.exec(select(Audit)) if row.action == "override"]


def test_a_blocked_draft_cannot_be_approved_whatever_the_card_showed(database: Database, blocked: Draft) -> None:
    said = r"Draft 1 cannot go out as it is: \[Name\] is a blank.*--edit FILE"
    with pytest.raises(Blocked, match=said), database.writing() as session:
        reviewing.approve(session, **who(blocked), standards=STANDARDS)
    assert current(database, blocked.id).status == Status.drafted
    with database.reading() as session:
        assert not queries.pairs(session, workspace_id=1, limit=9)


def test_an_edit_that_leaves_the_block_is_refused_and_one_that_takes_it_away_counts(
    database: Database, blocked: Draft
) -> None:
    with pytest.raises(Blocked), database.writing() as session:
        reviewing.edit(session, **who(blocked), standards=STANDARDS, subject="Hi", body="Morning [Name], hello.")
    with pytest.raises(Blocked), database.writing() as session:
        reviewing.edit(session, **who(blocked), standards=STANDARDS, subject=blocked.subject, body=blocked.body)
    with database.writing() as session:
        reviewing.edit(session, **who(blocked), standards=STANDARDS, subject="Hi", body="Morning Dana.")
    assert only_pair(database).final == "Subject: Hi\n\nMorning Dana."
    assert overrides(database) == []


def test_a_person_may_write_what_no_record_holds_and_not_let_stand_what_the_draft_made_up(database: Database) -> None:
    ask(database)
    invented = "Subject: Hello\n\nMorning Dana. I am in Ghent on 14 March.\n\nMaya"
    made_up = claim_and_draft(desk(database, FakeEngines(invented)))
    assert {finding["span"] for finding in made_up.findings} == {"Ghent", "14 March"}
    with pytest.raises(Blocked, match="Ghent"), database.writing() as session:
        stands = made_up.body.replace("Morning", "Good morning")
        reviewing.edit(session, **who(made_up), standards=STANDARDS, subject="Hi", body=stands)
    known = made_up.body.replace("Ghent on 14 March", "Cork on 3 April")
    with pytest.raises(Blocked, match="discount"), database.writing() as session:
        promised = known.replace("Maya", "You get a 20% discount.\n\nMaya")
        reviewing.edit(session, **who(made_up), standards=STANDARDS, subject="Hi", body=promised)
    with database.writing() as session:
        reviewing.edit(session, **who(made_up), standards=STANDARDS, subject="Hi", body=known)
        review = queries.review_of(session, workspace_id=1, draft_id=1)
    assert review and [(found["severity"], found["span"]) for found in review.findings] == [
        ("warn", "Cork"),
        ("warn", "3 April"),
    ]
    assert overrides(database) == []


def test_an_override_goes_on_record_with_its_reason_and_what_it_let_through(database: Database, blocked: Draft) -> None:
    why = {"override": "the brackets are their brand"}
    with database.writing() as session:
        reviewing.edit(session, **who(blocked), standards=STANDARDS, subject="Hi", body="Dear [Acme]", **why)
    named = {"rule": "placeholder", "span": "[Acme]"}
    assert overrides(database) == [("U2", {"reason": "the brackets are their brand", "findings": [named]})]
    with database.reading() as session:
        review = queries.review_of(session, workspace_id=1, draft_id=1)
    assert review and review.reason == "the brackets are their brand"
    assert [finding["span"] for finding in review.findings] == ["[Acme]"]


def test_a_reason_without_a_block_overrides_nothing(database: Database, drafted: Draft) -> None:
    with database.writing() as session:
        reviewing.edit(session, **who(drafted), standards=STANDARDS, subject="Hi", body="Dana", override="just because")
    assert overrides(database) == []
    assert only_pair(database).reason is None


@pytest.mark.parametrize("flag", ["do_not_contact", "email_opt_out", "bounced"])
def test_a_contacts_no_that_came_after_the_draft_counts_and_nobody_overrides_it(
    database: Database, drafted: Draft, flag: str
) -> None:
    with database.writing() as session:
        setattr(session.get_one(Contact, 1), flag, True)
    with pytest.raises(Blocked, match=r"Dana|bounced") as refused, database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
    assert refused.value.final
    for words in ({"subject": "Hi", "body": "Dana"}, {"subject": drafted.subject, "body": drafted.body}):
        with pytest.raises(Blocked), database.writing() as session:
            reviewing.edit(session, **who(drafted), **words, standards=STANDARDS, override="the boss wants it")
    assert overrides(database) == []
    with database.writing() as session:
        reviewing.discard(session, **who(drafted), reason="consent")


def test_a_text_is_held_against_the_record_as_it_is_now(
    database: Database, drafted: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corrected facts count; what happened after the question does not push out what the draft rests on."""
    seen: list[Brief] = []

    def look(subject: str, body: str, brief: Brief, *_: object, **__: object) -> list[Finding]:
        seen.append(brief)
        return []

    clock = Clock()
    clock.move(days=3)
    with database.writing() as session:
        session.get_one(Deal, 1).name = "Rollout in Kiel"
        old = session.get_one(Event, 1)
        for number in range(4):
            later = old.model_dump(exclude={"id"}) | {"source_id": f"later {number}", "at": clock(), "subject": "Later"}
            session.add(Event(**later))
    monkeypatch.setattr("model.guardrails.check", look)
    with database.writing() as session:
        reviewing.approve(session, **who(drafted, clock), standards=STANDARDS)
    (brief,) = seen
    assert brief.deal and brief.deal.name == "Rollout in Kiel"
    assert [event.subject for event in brief.events] == ["Planning without panic"]
    assert brief.at == clock(), "yesterday is the day before the approval"


def test_a_refused_approval_shows_the_card_anew_without_making_open_editors_stale(
    database: Database, drafted: Draft
) -> None:
    with database.writing() as session:
        queries.mark_posted(session, workspace_id=1, draft_id=1, version=drafted.version)
        session.get_one(Contact, 1).email_opt_out = True
    with database.writing() as session, pytest.raises(Blocked):
        reviewing.approve(session, **who(drafted), standards=STANDARDS)
    row = current(database, drafted.id)
    assert [finding["rule"] for finding in row.findings] == ["consent"]
    assert (row.version, row.posted_version) == (drafted.version, 0)


def test_who_comes_too_late_hears_that_and_not_what_blocks(database: Database, blocked: Draft) -> None:
    with database.writing() as session:
        reviewing.discard(session, **who(blocked), reason="other")
    with pytest.raises(TooLate, match="already discarded"), database.writing() as session:
        reviewing.approve(session, **who(blocked), standards=STANDARDS)


def test_nothing_goes_out_while_its_playbook_is_gone(database: Database, drafted: Draft) -> None:
    """Its disclaimer could be missing, and nobody would know."""
    gone = Standards(VOICE, ZoneInfo("UTC"), playbooks={})
    with pytest.raises(Blocked, match="playbooks check"), database.writing() as session:
        reviewing.approve(session, **who(drafted), standards=gone)
