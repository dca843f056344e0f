"""Customers for the editor bench, as CRM rows: who they are, what they did, and what somebody wants from them.

Varied enough that copying an old mail is a poor answer: most drafts are for a company never written to before, every
day brings goals that no earlier day had and some days new kinds of events, and what was done, what is wanted and where
the deal stands vary independently.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot import briefs
from model.brief import Brief
from storage import queries
from storage.queries import folded, search_text
from storage.tables import Company, Contact, Deal, Event

FIRST_DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)  # a Monday
SEED = 20261124
AGAIN = 0.25  # of the drafts go to a customer who had one before
ROLLED_UP = 0.15  # of the events are a count without a date

FIRST_NAMES = (
    "Anna Bruno Carla Dario Elin Farid Greta Hugo Ines Jonas Kaya Leon Mira Nils Olga Pavel Rosa Sven Tilda Umar "
    "Vera Wim Xenia Yann Zoe Amir Bela Cleo Dora Emil Flora Gino Hedda Ivo Jana Karim Lotte Milan Nora Otto"
)
LAST_NAMES = (
    "Albers Bianchi Castell Dvorak Eklund Ferrand Grimaldi Holm Ivarsson Jansen Kowal Lindgren Moreau Novak Orlov "
    "Petit Quist Rossini Sandoval Tanner Ulrich Varga Weber Ximenez Ylonen Zeman"
)
PLACES = (
    "Alder Birch Cedar Dune Ember Fjord Granite Harbor Iris Juniper Kestrel Larch Maple North Opal Pine Quarry River "
    "Stone Timber Umber Valley Willow Yarrow Zephyr Amber Bluff Cliff Delta Elm"
)
TRADES = {
    "Foods": "food production",
    "Clinic": "healthcare",
    "Logistics": "logistics",
    "Mills": "paper",
    "Hotels": "hospitality",
    "Labs": "laboratories",
    "Works": "metal works",
}
TITLES = ("Operations Manager", "Plant Director", "Head of Maintenance", "Quality Lead", "Purchasing Manager", "COO")
STAGES = ("qualification", "demo", "trial", "proposal", "negotiation")
DEALS = ("rollout", "second site", "pilot", "framework", "extension")
REPS = ("Maya Lindqvist", "Tom Aubert")

# kind → what it was about
SUBJECTS: dict[str, tuple[str, ...]] = {
    "webinar_attended": ("Planned Beats Urgent", "Audits Without Fear", "Parts That Arrive", "Night Shift Notes"),
    "document_download": ("The Small Plant Guide", "Ten Checklists", "Cost of Waiting", "Audit Primer"),
    "page_view": ("pricing", "integrations", "security", "mobile app"),
    "meeting": ("kick-off", "site visit", "review meeting", "planning session"),
    "form_submit": ("Contact request", "Price request", "Callback request"),
    "email_received": ("Re: our plan", "Question from the floor", "Re: next week"),
    "call": ("the spare parts", "the audit", "the night shift"),
    "ticket": ("Login on tablets", "Export to PDF", "Missing photos"),
    "product_usage": ("checklists", "work orders", "the parts list"),
    "email_click": ("What we built this quarter", "Three checklists to borrow"),
}
KINDS_BY_DAY = {1: tuple(SUBJECTS)[:6], 4: tuple(SUBJECTS)[:8], 7: tuple(SUBJECTS)}

# What somebody wants, in their own words, by what it is about (tests/personas/rules.py): every day brings new wordings,
# some with words that no day before had.
GOALS = (
    *("go through the quote", "talk about your plans", "set up a first area", "look at a case study", "book a demo"),
    *("answer your question", "review the budget", "start a trial", "meet a reference customer", "catch up by phone"),
    *("walk through the app", "solve the open issue", "agree on the price", "plan the pilot", "compare notes"),
    *("take a tour of the product", "clear up the open question", "hear a customer story"),
    *("settle the price", "start with one site", "read a customer story together", "show it to your team"),
    *("help with the open issue", "sort out the priorities", "discuss the budget", "plan the roll-out"),
    *("visit a reference customer", "walk your team through it", "answer the question about tablets", "meet in person"),
    *("compare the quote with your budget", "set up a pilot", "share an example", "see a demo on your own data"),
    *("solve it with our engineer", "agree on the next step", "sign the renewal", "begin with a trial"),
    *("go over a case study", "show the app to your planners", "get to the bottom of the issue", "think it over"),
    *("finish the contract", "start the onboarding", "talk to a customer like you", "tour the new version"),
    *("answer what is open", "decide who joins", "review the offer line by line", "roll it out to a second site"),
    *("collect the proof you need", "have a short demo", "clear the last issue", "talk it through"),
    *("renew the contract", "set a date to start", "find an example in your trade", "walk through the reports"),
    *("help your technicians", "plan the quarter", "check the quote once more", "prepare the trial"),
    *("put you in touch with a reference", "show what is new", "answer the auditor's question", "fix a date"),
)
ON_DAY_ONE, NEW_A_DAY = 18, 5
NEWEST = 0.5  # of the drafts have one of the day's new wordings


@dataclass(frozen=True)
class Ask:
    """One command: who is asked about, what for, and when."""

    day: int  # 1, 2, 3 …
    contact_id: int
    goal: str
    sender: str
    at: datetime


def write(session: Session, *, workspace_id: int, days: int, a_day: int) -> list[Ask]:
    """Write the customers of so many days into a workspace; the same ones on every call."""
    rng = random.Random(SEED)
    places = [f"{place} {kind}" for place in PLACES.split() for kind in TRADES]
    rng.shuffle(places)
    known: list[tuple[int, str]] = []
    asks = []
    for number in range(days * a_day):
        day, minute = divmod(number, a_day)
        at = FIRST_DAY + timedelta(days=day, minutes=20 * minute)
        if known and rng.random() < AGAIN:
            contact_id, sender = rng.choice(known)
        else:
            again, place = divmod(len(known), len(places))
            name = f"North {places[place]}" if again else places[place]
            contact_id, sender = _customer(session, workspace_id, name if again < 2 else f"{again} {name}", rng)
            known.append((contact_id, sender))
        for _ in range(rng.randint(0, 2) if rng.random() < 0.9 else 0):
            _event(session, workspace_id, contact_id, f"{number}-{rng.random()}", at, day + 1, rng, newest=False)
        if rng.random() < 0.93:
            _event(session, workspace_id, contact_id, f"{number}", at, day + 1, rng, newest=True)
        asks.append(Ask(day + 1, contact_id, _goal(day + 1, rng), sender, at))
    return asks


def _goal(day: int, rng: random.Random) -> str:
    """On the first day one of the first goals, later every second time one that no day before had."""
    known = ON_DAY_ONE + NEW_A_DAY * (day - 1)
    if day > 1 and known <= len(GOALS) and rng.random() < NEWEST:
        return rng.choice(GOALS[known - NEW_A_DAY : known])
    return rng.choice(GOALS[:known])


def _customer(session: Session, workspace_id: int, name: str, rng: random.Random) -> tuple[int, str]:
    scope = {"workspace_id": workspace_id, "source": "bench"}
    first, last, sender = rng.choice(FIRST_NAMES.split()), rng.choice(LAST_NAMES.split()), rng.choice(REPS)
    domain = name.lower().replace(" ", "-") + ".example"
    company = Company(**scope, source_id=domain, name=name, domain=domain, industry=TRADES[name.split()[-1]])
    session.add(company)
    session.flush()
    email = f"{first}.{last}@{domain}".lower()
    contact = Contact(
        **scope,
        source_id=email,
        email=email,
        first_name=first,
        last_name=last,
        search_name=folded(f"{first} {last}"),
        search_text=search_text(workspace_id, first, last, name, email=email),
        title=rng.choice(TITLES),
        company_id=company.id,
        owner=sender,
    )
    session.add(contact)
    session.flush()
    assert contact.id is not None
    if rng.random() < 0.75:
        amount = Decimal(rng.randrange(5, 90) * 1000)
        title = f"{name.split()[0]} {rng.choice(DEALS)}"
        stage = rng.choice(STAGES)
        session.add(Deal(**scope, source_id=domain, name=title, stage=stage, amount=amount, contact_id=contact.id))
    return contact.id, sender


def _event(
    session: Session,
    workspace_id: int,
    contact_id: int,
    key: str,
    at: datetime,
    day: int,
    rng: random.Random,
    *,
    newest: bool,
) -> None:
    kind = rng.choice(next(kinds for start, kinds in reversed(KINDS_BY_DAY.items()) if start <= day))
    counted = kind in ("page_view", "product_usage") and rng.random() < ROLLED_UP * 2
    back = timedelta(days=rng.choice((0, 1, 1, 2, 3, 4, 5) if newest else (8, 10, 15, 20, 40)), hours=1)
    session.add(
        Event(
            workspace_id=workspace_id,
            source="bench",
            source_id=key,
            contact_id=contact_id,
            at=at - back,
            kind=kind,
            subject=rng.choice(SUBJECTS[kind]),
            count=rng.randint(2, 6) if counted else None,
        )
    )


def names(session: Session, *, workspace_id: int) -> list[str]:
    """Every customer's company and full name."""
    companies = session.exec(select(Company.name).where(Company.workspace_id == workspace_id)).all()
    people = session.exec(select(Contact).where(Contact.workspace_id == workspace_id)).all()
    return [*companies, *(f"{each.first_name} {each.last_name}" for each in people)]


def brief_of(session: Session, ask: Ask, *, workspace_id: int) -> Brief:
    """The brief that drafting would build for this command."""
    contact = queries.contact(session, workspace_id=workspace_id, contact_id=ask.contact_id)
    assert contact
    return briefs.build(
        session,
        contact=contact,
        goal=ask.goal,
        note=None,
        sender=ask.sender,
        playbook=briefs.DEFAULT_PLAYBOOK,
        at=ask.at,
        zone=ZoneInfo("UTC"),
    )
