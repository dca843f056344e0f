# ruff: noqa: E501 (a mail reads best on one line)
"""A draft's facts are traced by type and unit, or they block; what is honest passes."""

import importlib
import random
import re
import timeit
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from model.brief import Brief, Company, Contact, Deal, Event, Sender
from model.facts import evidence, sentences, untraced
from model.findings import Severity
from model.playbook import PLAIN, Playbooks, finished_body
from model.prompt import parted
from model.slots import slotted
from model.voice import Voice
from storage import queries
from storage.database import Database
from tests.benchmarks import contexts
from tests.red_team.facts import cases
from tests.red_team.honest_sentences import HONEST
from tests.red_team.invented_sentences import INVENTED

VOICE = Voice(company="Mendwell", what_we_do="maintenance planning software")
NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)  # a Wednesday
BOOKS = Playbooks()
PLAYBOOKS = Path(__file__).parent / "red_team" / "playbooks"
PERSONAS = "brisk warm formal service punchy consult old_school curious house"


def event(kind: str, days: int, subject: str, body: str | None = None, count: int | None = None) -> Event:
    return Event(kind=kind, at=NOW - timedelta(days=days, hours=1), subject=subject, body=body, count=count)


BRIEF = Brief(
    contact=Contact(first_name="Dana", last_name="Whitfield", title="Plant Director", email="dana@cedar.example"),
    company=Company(name="Cedar Foods", industry="food production"),
    deal=Deal(name="Cedar rollout", stage="proposal", amount=Decimal("48000"), close_date=date(2026, 4, 17)),
    events=(
        event("webinar_attended", 5, "Planned Beats Urgent", "Asked in the chat: is a signature on a tablet accepted?"),
        event("page_view", 1, "pricing", count=4),
        event(
            "email_received",
            9,
            "Re: our plan",
            "We have 40 staff on 3 shifts and spend 15 minutes per handover. Can we start in April?",
        ),
    ),
    goal="go through the quote",
    sender=Sender(first_name="Maya", name="Maya Lindqvist"),
    playbook="sales_follow_up",
    at=NOW,
)


def mail(sentence: str) -> str:
    return f"Hi Dana,\n\n{sentence}\n\nBest,\nMaya"


def rules(body: str, brief: Brief = BRIEF, **voice: object) -> set[str]:
    return {finding.rule for finding in untraced("A thought", body, brief, VOICE, PLAIN)}


HONEST_MAILS = (
    "Hi Dana,\n\nI hope this email finds you well. I wanted to follow up and see whether you would like to set up a call next week.\n\nBest regards,\n\nMaya Lindqvist",
    "Hello Dana,\n\nI know things get busy. Would it help if I sent over a short summary?\n\nAll the best,\n\nMaya",
    "Hi Dana,\n\nDo you have 20 minutes this week or next to talk about Cedar Foods?\n\nThanks,\n\nMaya",
    "Dear Dana,\n\nMy name is Maya Lindqvist and I work at Mendwell. We help teams plan maintenance.\n\nKind regards,\n\nMaya Lindqvist\n\nMendwell",
    "Hi Dana,\n\nMay I ask what matters most to you right now?\n\nMaya",
    "Hi Dana,\n\nLet's find a time. I'm free Tuesday or Thursday afternoon, or any time on Friday.\n\nCheers,\n\nMaya",
    "Hi Dana,\n\nP.S. No need to answer if the timing is off.\n\nMaya",
    "Dana,\n\nOne question: who plans the work at Cedar Foods today?\n\nThanks,\n\nMaya",
    "Hi Dana Whitfield,\n\nAs Plant Director you decide what comes first.\n\nBest,\n\nMaya",
    "Dear Ms. Whitfield,\n\nI'd be glad to go through the quote with you.\n\nBest,\n\nMaya",
    "Hi there,\n\nHere is a short note.\n\nBest,\n\nMaya",
    "Hi Dana,\n\n1. Who plans the jobs?\n\n2. Who does them?\n\n3. What gets forgotten?\n\nBest,\n\nMaya",
)

INVENTED_MAILS = (
    ("fact_name", "Hi Diana,\n\nShall we talk?\n\nBest,\n\nMaya"),
    ("fact_name", "hi peter,\n\nShall we talk?\n\nBest,\n\nMaya"),
    ("fact_name", "Hi Dana and Peter,\n\nShall we talk?\n\nBest,\n\nMaya"),
    ("fact_name", "Hi Maya,\n\nShall we talk?\n\nBest,\n\nMaya"),
    ("fact_name", "Hi Dana Lindqvist,\n\nShall we talk?\n\nBest,\n\nMaya"),
    ("fact_name", "Hi Dana,\n\nShall we talk?\n\nBest,\n\nMia"),
    ("fact_name", "Hi Dana,\n\nShall we talk?\n\nBest regards,\n\nJohn Smith\n\nAccount Executive"),
    ("fact_name", "Hi Dana,\n\nShall we talk?\n\nBest, Tom"),
    ("fact_name", "Hi Dana,\n\nShall we talk?\n\nTom"),
    ("fact_name", "Mr. Whitfeld,\n\nShall we talk?\n\nBest,\n\nMaya"),
    ("fact_phone", "Hi Dana,\n\nBest,\n\nMaya\n\n+45 31 22 33 44"),
)


@pytest.mark.parametrize("sentence", HONEST)
def test_an_honest_sentence_passes(sentence: str) -> None:
    assert untraced("A thought", mail(sentence), BRIEF, VOICE, PLAIN) == []


@pytest.mark.parametrize("body", HONEST_MAILS)
def test_an_honest_mail_passes(body: str) -> None:
    assert untraced("Next steps", body, BRIEF, VOICE, PLAIN) == []


@pytest.mark.parametrize(("rule", "sentence"), [(rule, text) for rule, texts in INVENTED.items() for text in texts])
def test_an_invented_fact_blocks_under_its_type(rule: str, sentence: str) -> None:
    assert rule in rules(mail(sentence))


@pytest.mark.parametrize(("rule", "body"), INVENTED_MAILS)
def test_a_greeting_or_a_signature_of_somebody_else_blocks(rule: str, body: str) -> None:
    assert rule in rules(body)


def test_every_finding_blocks_and_shows_the_words_and_what_the_record_says() -> None:
    found = untraced("", mail("You joined our webinar on Tuesday."), BRIEF, VOICE, PLAIN)
    assert [(f.rule, f.severity, f.span, f.evidence) for f in found] == [
        ("fact_date", Severity.block, "Tuesday", "Friday, 6 March")
    ]
    assert found[0].reason == "“Tuesday” does not fit the record: webinar attended on 6 March: Planned Beats Urgent."


def test_a_roll_up_never_becomes_a_dated_claim() -> None:
    (finding,) = untraced("", mail("You looked at our pricing page on Tuesday."), BRIEF, VOICE, PLAIN)
    assert (
        finding.reason
        == "“Tuesday” is a date, and the record only counts this without one: page view counted 4 times: pricing."
    )


def test_a_title_in_capitals_is_no_list_of_names() -> None:
    assert untraced("Following Up on Your Maintenance Planning Questions", "Hi Dana,", BRIEF, VOICE, PLAIN) == []
    found = untraced("Next Steps for Zyntrix and Your Planning Team", "Hi Dana,", BRIEF, VOICE, PLAIN)
    assert [finding.span for finding in found] == ["Zyntrix"]


def test_a_claim_that_the_playbook_or_the_voice_allows_passes() -> None:
    trial, promise = mail("You could start with a free 14-day trial."), mail("We reply within 4 hours, by our SLA.")
    allowed = PLAIN.model_copy(update={"claims": ("free 14-day trial", "within 4 hours, by our SLA")})
    for body in (trial, promise):
        assert "fact_commitment" in rules(body)
        assert untraced("", body, BRIEF, VOICE, allowed) == []
    assert untraced("", mail("You could start with a free 30-day trial."), BRIEF, VOICE, allowed)


def test_a_goal_allows_its_figures_and_no_commitment() -> None:
    brief = BRIEF.model_copy(update={"goal": "offer a 10% discount"})
    assert rules(mail("I would like to offer a 10% discount."), brief) == {"fact_commitment"}


def test_house_sentences_pass_and_their_figures_pass_nowhere_else() -> None:
    house = frozenset({"Two days are enough to begin at {{company}}."})
    assert untraced("", mail("Two days are enough to begin at Cedar Foods."), BRIEF, VOICE, PLAIN, house) == []
    assert untraced("", mail("Two days are enough to begin at Acme Foods."), BRIEF, VOICE, PLAIN, house)
    assert untraced("", mail("Two days are enough for the rest."), BRIEF, VOICE, PLAIN, house)


def test_a_house_sentence_does_not_make_an_event() -> None:
    house = frozenset({"Thank you for the call {{ago1}}.", "You called us."})
    assert untraced("", mail("Thank you for the call 5 days ago."), BRIEF, VOICE, PLAIN, house)
    assert untraced("", mail("You called us."), BRIEF, VOICE, PLAIN, house)


def test_dates_are_those_of_the_workspaces_zone() -> None:
    late = Event(kind="call", at=datetime.fromisoformat("2026-03-10T00:30+01:00"), subject="the audit")  # Monday in UTC
    brief = BRIEF.model_copy(update={"events": (late,), "at": datetime.fromisoformat("2026-03-11T11:00+01:00")})
    assert rules(mail("Thank you for the call on Tuesday."), brief) == set()
    assert rules(mail("Thank you for the call on Monday."), brief) == {"fact_date"}


@pytest.mark.parametrize(
    ("link", "passes"),
    [
        ("https://mendwell.example/offline/guide", True),
        ("www.Mendwell.example/offline/guide/", True),
        ("mendwell.example/offline/guide?from=mail", True),
        ("https://mendwell.example/offline", False),
        ("https://mendwell.example/offline/guides", False),
        ("https://mendwell.example.com/offline/guide", False),
        ("https://mendwel.example/offline/guide", False),
    ],
)
def test_a_link_is_its_host_and_its_path(link: str, passes: bool) -> None:
    brief = BRIEF.model_copy(update={"note": "Send https://mendwell.example/offline/guide, and call 020 7946 0958."})
    assert rules(mail(f"The guide is at {link} for you."), brief) == (set() if passes else {"fact_link"})
    assert rules(mail("Your number is +44 20 7946 0958, is it?"), brief) == set()
    assert rules(mail("Your number is 020 7946 0985, is it?"), brief) == {"fact_phone"}


def test_links_may_lead_to_the_domains_of_the_voice() -> None:
    voice = VOICE.model_copy(update={"links": ("mendwell.example",)})
    assert untraced("", mail("See https://help.mendwell.example/start for more."), BRIEF, voice, PLAIN) == []
    assert untraced("", mail("See https://notmendwell.example/start for more."), BRIEF, voice, PLAIN)


def test_footer_and_address_of_the_voice_are_no_strangers() -> None:
    voice = VOICE.model_copy(update={"footer": "Mendwell, free of spam.", "address": "Quay Road 4, Cork"})
    body = mail("Shall we talk?") + "\n\nMendwell, free of spam.\nQuay Road 4, Cork"
    assert untraced("", body, BRIEF, voice, PLAIN) == []


def test_shouting_and_german_nouns_are_no_names() -> None:
    assert untraced("", mail("This is GREAT NEWS for planners."), BRIEF, VOICE, PLAIN) == []
    german = "Wir haben die Liste gelesen und das ist für den Anfang genug. Ich habe sie mit den Kollegen besprochen."
    assert untraced("", mail(german), BRIEF, VOICE, PLAIN) == []


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_the_good_drafts_of_every_playbook_pass(name: str) -> None:
    given = yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text("utf-8"))
    brief = Brief.model_validate(given["brief"])
    for body in given["good"]:
        assert untraced("A thought", finished_body(BOOKS[name], brief, body), brief, VOICE, BOOKS[name]) == []


def test_each_sentence_shows_what_it_rests_on() -> None:
    body = mail("You joined “Planned Beats Urgent” 5 days ago. You looked at our pricing page 4 times. Shall we talk?")
    assert [(each.sentence, each.rests_on) for each in evidence("", body, BRIEF, VOICE, PLAIN)] == [
        ("You joined “Planned Beats Urgent” 5 days ago.", ("webinar attended on 6 March: Planned Beats Urgent",)),
        ("You looked at our pricing page 4 times.", ("page view counted 4 times: pricing",)),
    ]


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> list[Brief]:
    """The briefs of 120 bench contexts over ten days."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('bench') / 'bench.sqlite3'}")
    database.migrate()
    with database.writing() as session:
        workspace = queries.workspace_for_team(session, team_id="T1", name="bench")
        assert workspace.id is not None
        asks = contexts.write(session, workspace_id=workspace.id, days=10, a_day=12)
        found = [contexts.brief_of(session, ask, workspace_id=workspace.id) for ask in asks]
    database.close()
    return found


def _mails(name: str, briefs: list[Brief]) -> list[tuple[str, str]]:
    edit = importlib.import_module(f"tests.personas.{name}").edit
    return [parted(edit("", brief.model_dump(mode="json"), random.Random(n))) for n, brief in enumerate(briefs)]


def _house(mails: list[tuple[str, str]], briefs: list[Brief]) -> dict[str, set[str]]:
    """Each slotted sentence of the mails, and the accounts it was sent to."""
    accounts: dict[str, set[str]] = defaultdict(set)
    for brief, texts in zip(briefs, mails, strict=True):
        for sentence in (each for text in texts for each in sentences(slotted(text, brief))):
            accounts[sentence].add(brief.account)
    return accounts


@pytest.mark.parametrize("name", PERSONAS.split())
def test_what_a_house_writes_to_several_customers_passes(name: str, briefs: list[Brief]) -> None:
    """House sentences are those that at least two other customers got."""
    mails = _mails(name, briefs)
    accounts = _house(mails, briefs)
    blocked = 0
    for brief, (subject, body) in zip(briefs, mails, strict=True):
        house = frozenset(text for text, known in accounts.items() if len(known - {brief.account}) >= 2)
        blocked += bool(untraced(subject, body, brief, VOICE, PLAIN, house))
    assert blocked <= 0.02 * len(briefs)


@pytest.mark.parametrize("name", PERSONAS.split())
def test_a_mail_held_against_another_customers_record_blocks(name: str, briefs: list[Brief]) -> None:
    mails = _mails(name, briefs)
    house = frozenset(_house(mails, briefs))
    for (subject, body), own, other in zip(mails, briefs, briefs[17:], strict=False):
        if other.contact.first_name != own.contact.first_name:
            assert untraced(subject, body, other, VOICE, PLAIN, house)


@pytest.mark.parametrize("name", ["warm", "house", "consult"])
def test_a_count_or_a_day_that_is_off_by_a_little_blocks(name: str, briefs: list[Brief]) -> None:
    mails = _mails(name, briefs)
    house = frozenset(_house(mails, briefs))
    changed = 0
    for (subject, body), brief in zip(mails, briefs, strict=True):
        wrong = re.sub(r"\b(\d)(?= days ago| times\b)", lambda match: str(int(match[1]) + 1), body)
        wrong = wrong.replace("yesterday", "4 days ago") if wrong == body else wrong
        changed += wrong != body
        assert wrong == body or untraced(subject, wrong, brief, VOICE, PLAIN, house)
    assert changed > 20


def test_the_seeded_cases_are_told_apart() -> None:
    """Recall at least 0.98 on wrong drafts, at most 2% of honest ones blocked."""
    missed, blocked, wrong, honest = 0, 0, 0, 0
    for subject, body, brief, rule in cases(random.Random(1)):
        found = {finding.rule for finding in untraced(subject, body, brief, VOICE, PLAIN)}
        if rule is None:
            honest, blocked = honest + 1, blocked + bool(found)
        else:
            wrong, missed = wrong + 1, missed + (rule not in found)
    assert (wrong, honest) >= (150, 100)
    assert missed <= 0.02 * wrong and blocked <= 0.02 * honest


def test_the_generator_of_cases_knows_nothing_of_the_checks() -> None:
    assert "model.facts" not in Path(cases.__code__.co_filename).read_text("utf-8").split("import random", 1)[1]


def test_a_draft_of_120_words_takes_little_time() -> None:
    """A hundred times the goal's room for a slow machine would hide a regular expression that runs away."""
    body = mail(" ".join(HONEST)[:800])
    assert timeit.timeit(lambda: untraced("A thought", body, BRIEF, VOICE, PLAIN), number=10) / 10 < 0.05
