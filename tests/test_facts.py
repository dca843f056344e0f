# ruff: noqa: E501 (a table reads best with one line per row)
"""A draft's facts are traced by type and unit, or they block; what is honest passes."""

import importlib
import random
import timeit
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from model.brief import Brief, Company, Contact, Deal, Event, Sender
from model.facts import evidence, sentences, untraced
from model.findings import Severity
from model.playbook import PLAIN
from model.prompt import parted
from model.slots import slotted
from model.voice import Voice
from storage import queries
from storage.database import Database
from tests.benchmarks import contexts
from tests.red_team.facts import cases

VOICE = Voice(company="Mendwell", what_we_do="maintenance planning software")
NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)  # a Wednesday
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


HONEST = (
    "Just a quick note to see if you had any questions.",
    "If you have already decided, a one-line reply is enough.",
    "I can do 10am or 2:30pm on Thursday. Which one suits you?",
    "Would a 30-minute demo be useful?",
    "Thank you for your time. I look forward to hearing from you.",
    "Thanks for your interest in Mendwell. Happy to help with anything.",
    "I'd love to hear your thoughts on this. When would be a good time to connect?",
    "Two quick things: who should join, and what should we leave out?",
    "Shall we put an hour in the calendar for the week of 16 March?",
    "How about Tuesday, 17 March at 10:00?",
    "Are you free to talk tomorrow?",
    'You joined "Planned Beats Urgent" last Friday. Was it useful?',
    "You joined our webinar last week. Shall we talk on Thursday?",
    "You joined our webinar on Friday, 6 March.",
    "Since you joined us for the webinar on March 6, I have been thinking about your shifts.",
    "You asked whether a signature on a tablet is accepted.",
    'In your email last week you wrote "Can we start in April?"',
    "You wrote that you spend 15 minutes per handover with 40 staff.",
    "You looked at our pricing page four times.",
    "The proposal for the Cedar rollout comes to 48,000. Does that fit?",
    "The offer of $48k for Cedar rollout still stands.",
    "Could we close the Cedar rollout by 17 April?",
    "You can use your own PDF files, and your IT team or CEO may join. English or German is fine.",
    "Every plant is different, and Cedar Foods' shifts are no exception.",
    "The first step is small: one machine, one checklist.",
    "Happy Wednesday! Just checking in.",
    "Wishing you a great week and a good start to spring.",
    "Let me know by replying to this email or at dana@cedar.example if that is still right.",
    "We could talk on Zoom, on Teams or by phone.",
    "I will call you on Thursday.",
    "What do you think? Any feedback is welcome, and your questions too.",
    "At your convenience, please send me your request in a few words.",
    "Thanks for considering Mendwell. It's your call.",
    "I'm happy to answer your question in a short call.",
    "I will be in touch again in two weeks unless you tell me otherwise. Shall I?",
    "Let us go through the quote together. Half an hour is enough.",
    "Have you used the checklists yet? If you attended the session, tell me what you thought.",
    "Do you have a moment today or tomorrow?",
    "Once you have seen it, you can decide for yourself.",
    "Our team would be glad to show you around, free of jargon.",
    "You are free to say no.",
    "Maintenance Planning is easier with fewer lists.",
    "It was good to hear from you last week.",
    "Thank you for your email of 2 March.",
    "Would the second half of March or early April suit you?",
    "The best time is usually before the season starts, so shall we pick a date in the next two weeks?",
    "I can send the quote over today if you like.",
)

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

# rule → sentences with one thing that the record does not hold
INVENTED: dict[str, tuple[str, ...]] = {
    "fact_name": (
        "Peter from your team said you need help.",
        "I talked to Dr. Meyer about it.",
        "We have an office in Chicago.",
    ),
    "fact_company": (
        "We did this for Nestle.",
        "Cedar Food could save time.",
        "I hope all is well at Cedar Farms.",
        "Companies such as IBM rely on us.",
    ),
    "fact_number": (
        "You wrote about your 41 staff.",
        "You wrote about your 40 machines.",
        "You looked at our pricing page 5 times.",
        "You looked at our pricing page twice.",
        "We serve over 2,000 plants.",
        "We serve thousands of plants.",
        "Planners get 10x more done.",
        "Your 3 plants would benefit.",
        "We can cut your paperwork in half.",
        "A crew of twelve technicians can do it.",
        "The proposal comes to 84,000.",
    ),
    "fact_money": (
        "The quote comes to $15.",
        "The quote comes to $48,500.",
        "The quote comes to 4,800 euros.",
        "You could save €10k a year.",
    ),
    "fact_percent": (
        "40 % of your staff said so.",
        "You can expect 15 percent fewer breakdowns.",
        "Forty percent of plants agree.",
    ),
    "fact_date": (
        'You joined "Planned Beats Urgent" on Tuesday.',
        "You joined our webinar last Thursday.",
        "You joined our webinar 4 days ago.",
        "You joined our webinar yesterday. Shall we talk on Friday?",
        "Thank you for joining the webinar on 7 March.",
        "Thank you for joining the webinar on March 16.",
        "Thank you for joining the webinar two weeks ago.",
        "You looked at our pricing page on Tuesday.",
        "You looked at our pricing page yesterday.",
        "How was the webinar last Tuesday?",
        "Your email of 3 March was clear.",
        "Your renewal is due on 18 April.",
        "The Cedar rollout closes on 17 May.",
        "We have done this since 2009.",
        "Prices go up on 1 April.",
        "You wrote to us in January.",
        "You joined our webinar today.",
    ),
    "fact_time": (
        "You spend 20 minutes per handover.",
        "It saves every planner an hour a day.",
        "Thank you for joining the webinar at 3pm.",
        "Rollout takes about three weeks.",
        "We have 20 years of experience.",
    ),
    "fact_link": (
        "See mendwell.com/pricing for more.",
        "Book here: https://bit.ly/3abc",
    ),
    "fact_email": (
        "Write to maya@mendwell.com any time.",
        "I have dana@cedarfoods.example on file.",
    ),
    "fact_phone": ("Call me at 555-123-4567.",),
    "fact_product": (
        "You might like our Mobile Scheduler app.",
        "Upgrade to Mendwell Pro today.",
    ),
    "fact_event": (
        "Thank you for the call.",
        "You downloaded our guide.",
        "Thanks for meeting with us.",
        "I wanted to follow up on our recent meeting.",
        "You opened a support ticket.",
        "You started your trial.",
        "You have been using work orders a lot.",
        "Your order is on its way.",
        "It was great speaking with you.",
        "When we spoke, the plan was clear.",
        "As discussed on the phone, here is the plan.",
        "You clicked the link in our email.",
        "You requested a demo.",
        "You told me on the phone that it is slow.",
        "We met at the trade fair.",
        "You visited our booth.",
        "I enjoyed our demo.",
        'You\'ve downloaded "Planned Beats Urgent".',
    ),
    "fact_quote": (
        'You wrote "Can we start in May?"',
        'You joined "Planned Beats Urgency".',
    ),
    "fact_commitment": (
        "We can give you 10% off.",
        "There is a money-back guarantee.",
        "The pilot is free.",
        "Try it for free.",
        "I'll send you the plan by tomorrow.",
        "We'll have it installed within 5 days.",
        "We offer 99.9% uptime.",
        "We are GDPR compliant.",
        "You will win this case.",
        "We will waive the fee.",
        "Support is available 24/7.",
    ),
}

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


@pytest.mark.parametrize("name", PERSONAS.split())
def test_what_a_house_writes_to_several_customers_passes(name: str, briefs: list[Brief]) -> None:
    """House sentences are those that at least two other customers got."""
    edit = importlib.import_module(f"tests.personas.{name}").edit
    mails = [parted(edit("", b.model_dump(mode="json"), random.Random(n))) for n, b in enumerate(briefs)]
    accounts: dict[str, set[str]] = defaultdict(set)
    for brief, texts in zip(briefs, mails, strict=True):
        for sentence in (each for text in texts for each in sentences(slotted(text, brief))):
            accounts[sentence].add(brief.account)
    blocked = 0
    for brief, (subject, body) in zip(briefs, mails, strict=True):
        house = frozenset(text for text, known in accounts.items() if len(known - {brief.account}) >= 2)
        blocked += bool(untraced(subject, body, brief, VOICE, PLAIN, house))
    assert blocked <= 0.02 * len(briefs)


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
