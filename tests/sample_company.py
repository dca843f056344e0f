"""Writes bot/sample: Mendwell's CRM and its past emails, the same files every time.

    python -m tests.sample_company

Each past email answers an event that stands in events.csv, in the words of `tests.personas.house`. All times lie
between 9 and 15 o'clock UTC on working days, so that a weekday is the same one in every workspace's zone, and no text
names a date, so that the whole history can be moved by whole weeks.
"""

import csv
import io
import itertools
import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import sample_facts as facts
from tests.personas import house

FOLDER = Path(__file__).parents[1] / "bot" / "sample"
SEED = 20261120
FIRST_DAY = datetime(2026, 6, 15, tzinfo=UTC)
FIRST_MAIL = datetime(2026, 7, 20, tzinfo=UTC)
LAST_MAIL = datetime(2026, 11, 12, tzinfo=UTC)
LAST_WEEKS = datetime(2026, 11, 2, tzinfo=UTC)
LAST_DAY = datetime(2026, 11, 20, tzinfo=UTC)
MAILS = 90
APART = timedelta(weeks=6)  # between two emails to one person
EVENTS_IN_BRIEF = 4
SITE = "https://mendwell.example"

COLUMNS = {
    "companies": "id,name,domain,industry,size,country",
    "contacts": "id,email,first_name,last_name,title,phone,company_id,owner,lifecycle,locale,timezone,"
    "consent_basis,do_not_contact,email_opt_out,bounced,consent_updated_at",
    "deals": "id,name,stage,pipeline,amount,currency,close_date,is_open,contact_id,company_id,owner",
    "events": "id,contact_id,deal_id,at,kind,direction,subject,body,url,count",
    "emails": "to_email,subject,body,sent_at,opened,replied,from_email,goal,playbook",
}

STAGES = ("qualification", "demo", "trial", "proposal", "negotiation")
CUSTOMERS_ONLY = ("product_usage", "ticket", "renewal")  # kinds and goals
BACKGROUND = (
    *("email_sent", "email_sent", "email_open", "email_click", "email_received", "page_view", "page_view", "note"),
    *("form_submit", "document_download", "webinar_attended", "meeting", "call", "ticket"),
    *("product_usage", "product_usage"),
)
OUR_MAILS = ("A short hello from Mendwell", "What we built this quarter", "Three checklists to borrow", "Who we are")
DELAYS = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 15, 20)  # days from what happened to the email about it

Fields = dict[str, Any]


@dataclass
class Person:
    """A contact's row and, as it grows, their history."""

    row: Fields
    company: Fields | None
    deal: Fields | None
    events: list[Fields] = field(default_factory=list)
    busy: list[tuple[datetime, datetime]] = field(default_factory=list)  # spans that an email needs undisturbed

    @property
    def silent(self) -> bool:
        return self.row["email"] in facts.WITHOUT_EVENTS

    @property
    def mailable(self) -> bool:
        blocked = any(self.row[flag] == "true" for flag in ("do_not_contact", "email_opt_out", "bounced"))
        return not (blocked or self.silent)

    def may(self, what: str) -> bool:
        return what not in CUSTOMERS_ONLY or self.row["lifecycle"] == "customer"

    def add(self, at: datetime, kind: str, **more: Any) -> None:
        self.events.append({"contact_id": self.row["id"], "at": at, "kind": kind, **more})


@dataclass(frozen=True)
class Sample:
    """The rows of every file, and for each email the brief that it was written from."""

    rows: dict[str, list[Fields]]
    briefs: list[Fields]


def sample() -> Sample:
    """The whole sample company; equal on every call."""
    rng = random.Random(SEED)
    companies = _companies()
    people = _people(companies, rng)
    deals = [person.deal for person in people if person.deal]
    emails, briefs = _correspondence(people, rng)
    for number, person in enumerate(people):
        _background(person, number, rng)
    people[4].add(moment(datetime(2026, 9, 16, tzinfo=UTC), rng), "note", subject="Site visit", body=facts.LONG_NOTE)
    rows = {
        "companies": companies,
        "contacts": [person.row for person in people],
        "deals": deals,
        "events": _numbered(event for person in people for event in person.events),
        "emails": emails,
    }
    return Sample(rows, briefs)


def files() -> dict[str, str]:
    """Name and content of each CSV file."""
    rows = sample().rows
    return {f"{name}.csv": _csv(columns.split(","), rows[name]) for name, columns in COLUMNS.items()}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="")


def _companies() -> list[Fields]:
    names = COLUMNS["companies"].split(",")[1:]
    return [
        {"id": f"co-{number:02}", **dict(zip(names, company[:5], strict=True))}
        for number, company in enumerate(facts.COMPANIES, start=1)
    ]


def _people(companies: Sequence[Fields], rng: random.Random) -> list[Person]:
    people: list[Person] = []
    for row, company in zip(companies, facts.COMPANIES, strict=True):
        for person in company[10]:
            first, last, title = person.split("|")
            email = f"{plain(first)}.{plain(last)}@{company[1]}"
            lived = {"company_id": row["id"], "owner": company[8], "lifecycle": company[9]}
            contact = _contact(len(people) + 1, email, (first, last, title), rng) | lived
            contact |= {"locale": company[5], "timezone": company[6]}
            people.append(Person(contact, row, _deal(contact, company)))
    first, last, title, email = facts.ALONE
    alone = _contact(len(people) + 1, email, (first, last, title), rng)
    people.append(Person(alone | {"owner": "Priya Raman", "lifecycle": "lead", "locale": "en-GB"}, None, None))
    return people


def _contact(number: int, email: str, named: tuple[str, str, str], rng: random.Random) -> Fields:
    blocked = email in facts.DO_NOT_CONTACT or email in facts.OPTED_OUT
    return {
        "id": f"ct-{number:03}",
        "email": email,
        "first_name": named[0],
        "last_name": named[1],
        "title": named[2],
        "phone": f"+1 202 555 01{number:02}" if rng.random() < 0.8 else "",
        "consent_basis": "" if blocked else rng.choice(("legitimate interest", "contract", "consent")),
        "do_not_contact": _word(email in facts.DO_NOT_CONTACT),
        "email_opt_out": _word(email in facts.OPTED_OUT),
        "bounced": _word(email in facts.BOUNCED),
        "consent_updated_at": moment(FIRST_DAY + timedelta(days=rng.randrange(60)), rng),
    }


def _deal(contact: Fields, company: tuple[Any, ...]) -> Fields | None:
    for number, (email, name, stage, pipeline, amount, close_date) in enumerate(facts.DEALS, start=1):
        if email == contact["email"]:
            return {
                "id": f"dl-{number:02}",
                "name": name,
                "stage": stage,
                "pipeline": pipeline,
                "amount": f"{amount}.00",
                "currency": company[7],
                "close_date": close_date,
                "is_open": _word(stage in STAGES),
                "contact_id": contact["id"],
                "company_id": contact["company_id"],
                "owner": contact["owner"],
            }
    return None


def _correspondence(people: Sequence[Person], rng: random.Random) -> tuple[list[Fields], list[Fields]]:
    """The past emails in order of time, each about something that happened, and what came of it."""
    used: Counter[Any] = Counter()
    written = [_email(person, sent_at, used, rng) for person, sent_at in _occasions(people, rng)]
    written.sort(key=lambda pair: (pair[0]["sent_at"], pair[0]["to_email"]))
    return [email for email, _ in written], [brief for _, brief in written]


def _occasions(people: Sequence[Person], rng: random.Random) -> list[tuple[Person, datetime]]:
    """Whom to write to and when: everybody who may be written to once, some of them twice."""
    mailable = [person for person in people if person.mailable]
    halfway = FIRST_MAIL + (LAST_MAIL - FIRST_MAIL - APART) / 2
    twice = rng.sample(mailable, MAILS - len(mailable))
    once = [person for person in mailable if person not in twice]
    early = [(person, _between(FIRST_MAIL, halfway, rng)) for person in twice]
    late = [(person, _between(halfway + APART, LAST_MAIL, rng)) for person in twice]
    return sorted(
        [*early, *late, *((person, _between(FIRST_MAIL, LAST_MAIL, rng)) for person in once)],
        key=lambda occasion: occasion[1],
    )


def _email(person: Person, sent_at: datetime, used: Counter[Any], rng: random.Random) -> tuple[Fields, Fields]:
    kind, family = _subject_matter(person, used, rng)
    happened = moment(_weekday_before(sent_at, rng.choice(DELAYS)), rng)
    person.busy.append((happened - timedelta(days=1), sent_at + timedelta(days=5)))
    _happen(person, happened, kind, rng)
    brief = brief_of(person, sent_at, rng.choice(facts.GOALS[family]))
    subject, body = house.valid(brief).any(rng)
    replied = rng.random() < (0.45 if kind in ("meeting", "call", "email_received", "form_submit") else 0.28)
    opened = replied or rng.random() < 0.6
    email = {
        "to_email": person.row["email"],
        "subject": subject,
        "body": body,
        "sent_at": sent_at,
        "opened": _word(opened),
        "replied": _word(replied),
        "from_email": facts.REPS[person.row["owner"]],
        "goal": brief["goal"],
        "playbook": brief["playbook"],
    }
    _aftermath(person, email, family, rng)
    return email, brief


def _subject_matter(person: Person, used: Counter[Any], rng: random.Random) -> tuple[str, str]:
    """What happened and what the email wants, each pairing about as often as the others."""
    fitting = [(kind, family) for kind, families in facts.FITTING.items() for family in families]
    choices = [(kind, family) for kind, family in fitting if person.may(kind) and person.may(family)]
    rng.shuffle(choices)
    chosen = min(choices, key=lambda choice: (used[choice[0]] + used[choice[1]], used[choice]))
    used.update([chosen, *chosen])
    return chosen


def brief_of(person: Person, at: datetime, goal: str) -> Fields:
    """The brief as it stood at a moment, in the JSON form of the design."""
    before = sorted((event for event in person.events if event["at"] < at), key=lambda event: event["at"])
    row, deal = person.row, person.deal
    return {
        "contact": {name: row[name] for name in ("first_name", "last_name", "title", "email")},
        "company": {name: person.company[name] for name in ("name", "industry")} if person.company else None,
        "deal": {name: deal[name] for name in ("name", "stage", "amount", "close_date")} if deal else None,
        "events": [_brief_event(event) for event in before[: -EVENTS_IN_BRIEF - 1 : -1]],
        "goal": goal,
        "note": None,
        "sender": {"first_name": row["owner"].split()[0], "name": row["owner"]},
        "playbook": "sales_follow_up",
        "at": at.isoformat(),
    }


def _brief_event(event: Fields) -> Fields:
    given = {name: event.get(name) for name in ("kind", "subject", "body", "count")}
    return {**given, "at": event["at"].isoformat()}


def _aftermath(person: Person, email: Fields, family: str, rng: random.Random) -> None:
    sent_at, subject = email["sent_at"], email["subject"]
    later = moment(_weekday_after(sent_at, 1), rng)
    person.add(sent_at, "email_sent", direction="out", subject=subject)
    if email["opened"] == "true":
        person.add(later, "email_open", direction="in", subject=subject, count=rng.randint(1, 6))
    if rng.random() < 0.15 and email["opened"] == "true":
        person.add(later + timedelta(minutes=3), "email_click", direction="in", subject=subject, url=f"{SITE}/library")
    if email["replied"] == "true":
        answer = rng.choice(facts.REPLIES[family])
        at = later + timedelta(minutes=rng.randint(8, 55))
        person.add(at, "email_received", direction="in", subject=f"Re: {subject}", body=answer)


def _background(person: Person, number: int, rng: random.Random) -> None:
    """What else happened to somebody, away from the emails, with something recent for everybody."""
    if person.silent:
        return
    if person.deal:
        _stage_changes(person, person.deal, rng)
    kinds = [kind for kind in BACKGROUND if person.may(kind)]
    for _ in range(rng.randint(3, 6)):
        _when_free(person, FIRST_DAY, LAST_DAY, rng.choice(kinds), rng)
    recent = [kind for kind in facts.FITTING if person.may(kind)]
    newest = LAST_DAY if number % 9 == 0 else None
    _when_free(person, newest or LAST_WEEKS, newest or LAST_DAY, recent[number % len(recent)], rng)


def _when_free(person: Person, start: datetime, end: datetime, kind: str, rng: random.Random) -> None:
    for _ in range(20):
        at = _between(start, end, rng)
        if not any(first <= at <= last for first, last in person.busy):
            _happen(person, at, kind, rng)
            return


def _stage_changes(person: Person, deal: Fields, rng: random.Random) -> None:
    path = [*STAGES[: STAGES.index(deal["stage"]) + 1]] if deal["stage"] in STAGES else ["proposal", deal["stage"]]
    start = FIRST_DAY + timedelta(days=rng.randrange(20))
    for former, stage in itertools.pairwise(path):
        start += timedelta(days=rng.randint(12, 30))
        if not any(first <= start <= last for first, last in person.busy):
            text = f"{former} to {stage}"
            person.add(
                moment(_workday(start), rng), "stage_change", deal_id=deal["id"], subject=deal["name"], body=text
            )


def _happen(person: Person, at: datetime, kind: str, rng: random.Random) -> None:
    """Add one event of a kind, with what it takes for it to make sense."""
    if kind in ("email_open", "email_click", "email_received"):
        ours = rng.choice(OUR_MAILS)
        person.add(moment(_weekday_before(at, rng.randint(1, 3)), rng), "email_sent", direction="out", subject=ours)
        person.add(at, kind, direction="in", **_of_our_mail(kind, ours, rng))
    else:
        with_deal = {"deal_id": person.deal["id"]} if person.deal and kind in ("meeting", "call", "note") else {}
        person.add(at, kind, **with_deal, **_details(kind, rng))


def _of_our_mail(kind: str, subject: str, rng: random.Random) -> Fields:
    if kind == "email_open":
        return {"subject": subject, "count": rng.randint(2, 6)}
    if kind == "email_click":
        return {"subject": subject, "url": SITE + rng.choice(list(facts.DOCUMENTS.values()))}
    return {"subject": f"Re: {subject}", "body": rng.choice(facts.REPLIES[rng.choice(("question", "talk", "pricing"))])}


def _details(kind: str, rng: random.Random) -> Fields:
    told = {"meeting": facts.MEETINGS, "call": facts.CALLS}
    customers = {"webinar_attended": facts.WEBINARS, "form_submit": facts.FORMS, "ticket": facts.TICKETS}
    if kind == "email_sent":
        return {"direction": "out", "subject": rng.choice(OUR_MAILS)}
    if kind == "note":
        return {"body": rng.choice(facts.NOTES)}
    if kind == "product_usage":
        subject, body = rng.choice(list(facts.FEATURES.items()))
        return {"direction": "in", "subject": subject, "body": body, **_maybe_counted(rng)}
    if kind in ("page_view", "document_download"):
        subject, path = rng.choice(list((facts.PAGES if kind == "page_view" else facts.DOCUMENTS).items()))
        counted = _maybe_counted(rng) if kind == "page_view" else {}
        return {"direction": "in", "subject": subject, "url": SITE + path, **counted}
    subject, body = rng.choice(list((told | customers)[kind].items()))
    return {"subject": subject, "body": body, **({} if kind in told else {"direction": "in"})}


def _maybe_counted(rng: random.Random) -> Fields:
    return {"count": rng.randint(2, 9)} if rng.random() < 0.4 else {}


def _numbered(events: Iterable[Fields]) -> list[Fields]:
    ordered = sorted(events, key=lambda event: (event["at"], event["contact_id"], event["kind"]))
    return [{"id": f"ev-{number:04}", **event} for number, event in enumerate(ordered, start=1)]


def _between(start: datetime, end: datetime, rng: random.Random) -> datetime:
    return moment(_workday(start + timedelta(days=rng.randint(0, (end - start).days))), rng)


def _workday(day: datetime) -> datetime:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _weekday_before(at: datetime, days: int) -> datetime:
    return _workday(at - timedelta(days=days))


def _weekday_after(at: datetime, days: int) -> datetime:
    later = at + timedelta(days=days)
    return later + timedelta(days=(7 - later.weekday()) % 7 if later.weekday() > 4 else 0)


def moment(day: datetime, rng: random.Random) -> datetime:
    """A time of that day between 9 and 15 o'clock."""
    return day.replace(hour=rng.randint(9, 14), minute=rng.randrange(60), second=0, microsecond=0)


def plain(name: str) -> str:
    """A name as it stands in an address."""
    for letter, written in {"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "Ł": "l", "Ø": "o"}.items():
        name = name.replace(letter, written)
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded.lower() if letter.isalnum() or letter == "-")


def _word(value: bool) -> str:
    return "true" if value else "false"


def _csv(columns: list[str], rows: Iterable[Fields]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)


if __name__ == "__main__":
    main()
