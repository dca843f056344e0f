"""Seeded drafts for the fact check: right ones, and ones with one thing wrong, by type.

Written as templates and values of their own, without any part of `model/facts`, so that the two can disagree. Each
wrong draft differs from a right one in a single fact, and its rule says which.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from model.brief import Brief, Company, Contact, Deal, Event, Sender

Case = tuple[str, str, Brief, str | None]

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)  # a Wednesday
PEOPLE = (
    ("Dana", "Whitfield"),
    ("Søren", "Østergaard"),
    ("Lucía", "Ibáñez"),
    ("Emre", "Yildirim"),
    ("Anne-Marie", "Kjær"),
)
OTHERS = ("Peter", "Sarah", "Jennifer", "Oliver", "Chloe", "Hassan")
SURNAMES = ("Johnson", "Meyer", "Kowalski", "Harding")
COMPANIES = (
    ("Cedar Foods", "food production"),
    ("Port of Velmora", "ports and terminals"),
    ("Granite Peak Lifts", "ski resorts"),
)
OTHER_COMPANIES = ("Acme Corp", "Siemens", "Cedar Mills", "Northwind Traders", "Globex")
SENDERS = ("Maya Lindqvist", "Tom Aubert")
PRODUCTS = ("Forecast Studio", "Pulse Premium", "Insight Cloud")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WEBINARS = ("Planned Beats Urgent", "Audits Without Fear")
PAPERS = ("The Small Plant Guide", "Ten Checklists")


@dataclass(frozen=True)
class Scene:
    """One customer, with the values that templates take."""

    brief: Brief
    rng: random.Random

    def words(self) -> dict[str, str]:
        brief = self.brief
        assert brief.company and brief.deal and brief.deal.amount and brief.deal.close_date
        webinar, views, mail, paper = brief.events
        return {
            "first": brief.contact.first_name or "",
            "last": brief.contact.last_name or "",
            "company": brief.company.name,
            "industry": brief.company.industry or "",
            "deal": brief.deal.name,
            "amount": f"{brief.deal.amount:,}",
            "sender": brief.sender.first_name,
            "full": brief.sender.name,
            "goal": brief.goal,
            "webinar": webinar.subject or "",
            "web_day": f"{webinar.at:%A}",
            "web_date": f"{webinar.at.day} {webinar.at:%B}",
            "web_ago": str((NOW.date() - webinar.at.date()).days),
            "page": views.subject or "",
            "count": str(views.count),
            "mail_day": f"{mail.at:%A}",
            "mail_ago": str((NOW.date() - mail.at.date()).days),
            "paper": paper.subject or "",
            "paper_weeks": str((NOW.date() - paper.at.date()).days // 7),
            "close": f"{brief.deal.close_date.day} {brief.deal.close_date:%B}",
        }


def scene(rng: random.Random) -> Scene:
    first, last = rng.choice(PEOPLE)
    company, industry = rng.choice(COMPANIES)
    sender = rng.choice(SENDERS)
    web, mail = rng.sample(range(2, 7), 2)
    webinar = _event(
        "webinar_attended", web, rng.choice(WEBINARS), "Asked in the chat: is a signature on a tablet accepted?"
    )
    views = _event("page_view", 1, rng.choice(("pricing", "security")), None, count=rng.randint(3, 6))
    inbound = _event(
        "email_received",
        mail,
        "Question from the floor",
        "We have 40 staff on 3 shifts. What happens when a tablet breaks?",
    )
    paper = _event("document_download", rng.choice((14, 21, 28)), rng.choice(PAPERS), None)
    brief = Brief(
        contact=Contact(
            first_name=first,
            last_name=last,
            title="Plant Director",
            email=f"{first.lower()}@{company.split()[0].lower()}.example",
        ),
        company=Company(name=company, industry=industry),
        deal=Deal(
            name=f"{company.split()[0]} second site",
            stage=rng.choice(("qualification", "negotiation")),
            amount=Decimal(rng.randrange(12, 90) * 1000 + 400),
            close_date=(NOW + timedelta(days=rng.randint(30, 60))).date(),
        ),
        events=(webinar, views, inbound, paper),
        goal=rng.choice(("book a demo", "talk about your plans", "plan the pilot")),
        note="Budget is about 20 tablets. Details at https://mendwell.example/offline/guide",
        sender=Sender(first_name=sender.split()[0], name=sender),
        playbook="sales_follow_up",
        at=NOW,
    )
    return Scene(brief, rng)


def _event(kind: str, days: int, subject: str, body: str | None, count: int | None = None) -> Event:
    return Event(kind=kind, at=NOW - timedelta(days=days, hours=1), subject=subject, body=body, count=count)


SUBJECTS = ("A thought for {company}", "{deal}", "Worth a talk?", "Next steps", "Quick question, {first}")
GREETINGS = ("Hi {first},", "Hello {first},", "Dear {first},", "{first},")
CLOSES = ("Best,\n{sender}", "Kind regards,\n{full}", "Talk soon,\n{sender}", "Thanks,\n{sender}")
QUESTIONS = (
    "Shall we {goal} this week?",
    "Worth 15 minutes on Thursday?",
    "Could you spare half an hour next Tuesday?",
    "Would Thursday morning suit you?",
    "When would be a good time to talk?",
    "Are you free on Friday at 10:30?",
    "Is there anything you need from me first?",
    "How about a short call next week?",
)

# Sentences that are true of every scene.
TRUE = (
    'Thank you for joining "{webinar}" {web_ago} days ago.',
    "You joined our webinar on {web_day}, and I would like to hear what you took from it.",
    'You attended "{webinar}" on {web_date}.',
    "Your email {mail_ago} days ago was good to read.",
    "You wrote to us on {mail_day} about the tablets.",
    "You asked what happens when a tablet breaks.",
    'You picked up "{paper}" {paper_weeks} weeks ago.',
    'Thank you for downloading "{paper}".',
    "You looked at our {page} page {count} times.",
    "You have come back to our {page} page {count} times, so let me say the important bit here.",
    "With 40 staff on 3 shifts, a broken tablet matters.",
    "You mentioned that you have 40 staff on 3 shifts.",
    "{deal} stands at {amount}, and I can take it apart line by line.",
    "I would like to talk about {deal} before {close}.",
    "Teams in {industry} tend to begin small, and {company} could do the same.",
    "As Plant Director you see both sides of it.",
    "The guide is at https://mendwell.example/offline/guide if you want to read ahead.",
    "Mendwell is maintenance planning, no more and no less.",
    "At {company} I would begin with the machine that everybody complains about.",
    "I have two questions and one idea for you.",
    "Feel free to forward this to a colleague.",
    "If you have any questions, just reply to this email.",
    "I will keep it short, because your day is full.",
    "Please let me know what would make this useful for you.",
    "I am happy to walk you through it, and a plain no is fine too.",
    "It would be good to understand how a job reaches a technician today.",
)

# rule → sentences with exactly one thing wrong; {x…} are filled from the tables below.
FALSE: dict[str, tuple[str, ...]] = {
    "fact_name": (
        "Your colleague {xname} told me about the night shift.",
        "I spoke to {xname} {xsurname} and we think alike.",
        "As {first} {xsurname} you know the plant best.",
        "{xname} mentioned that you are looking for something simpler.",
        "Our engineer {xname} would join us.",
    ),
    "fact_company": (
        "Customers like {xcompany} work this way.",
        "At {xcompany} the same thing took longer.",
        "We know {xcompany} well, so {company} will feel familiar.",
        "Teams at {xcompany} say the same.",
    ),
    "fact_number": (
        "With {xstaff} staff on 3 shifts, a broken tablet matters.",
        "We work with {xcustomers} plants today.",
        "Two dozen plants have moved to this way of working.",
        "You looked at our {page} page {xcount} times.",
        "Our crew visits {xstaff} sites.",
        "Hundreds of plants rely on it.",
    ),
    "fact_money": (
        "{deal} stands at ${xamount}.",
        "The offer comes to €{xamount} in all.",
        "Others paid {xamount} dollars for the same.",
        "A seat is $15, and that is all there is to pay.",
        "It costs £{xamount} to begin.",
    ),
    "fact_percent": (
        "Plants like yours see 40% less paper.",
        "It takes 40 percent of the work away.",
        "On average {xpercent} % of the jobs become planned ones.",
        "Breakdowns fell by {xpercent}% elsewhere.",
    ),
    "fact_date": (
        "You joined our webinar on {xday}, and I would like to hear what you took from it.",
        'You attended "{webinar}" on {xdate}.',
        'Thank you for joining "{webinar}" {xago} days ago.',
        "Your email {xmail} days ago was good to read.",
        "You looked at our {page} page on {xany}.",
        'You picked up "{paper}" yesterday.',
        "You wrote to us last month about the tablets.",
        "Your email in {xmonth} was good to read.",
        "{deal} closes on {xdate}.",
    ),
    "fact_time": (
        "Most plants are running after 45 minutes of work.",
        "The whole thing is installed in two weeks.",
        "You spent 25 minutes on our {page} page.",
        "Your email reached us at 7:12 pm.",
        "It saves a planner 6 hours a week.",
    ),
    "fact_link": (
        "The guide is at https://mendwell.example/offline/guides if you want to read ahead.",
        "You can pick a time at https://calendly.com/mendwell/intro today.",
        "More of it stands on www.mendwell-offers.com for you.",
        "The guide is at https://mendwel.example/offline/guide if you want to read ahead.",
    ),
    "fact_email": (
        "You can also write to sales@mendwell.example about it.",
        "I have {xmailbox} as your address.",
        "Our engineer answers at support@mendwell.example too.",
    ),
    "fact_phone": (
        "You can reach me at +1 202 555 0199.",
        "My number is (202) 555-0147.",
        "Ring us on 020 7946 0958 whenever it suits.",
    ),
    "fact_product": (
        "Our {xproduct} module does the rest.",
        "The {xproduct} edition is made for this.",
        "You would start on our {xproduct} plan.",
    ),
    "fact_event": (
        "Thank you for the call about the night shift.",
        "You signed up for a trial, so let me help.",
        "Your ticket is on my desk.",
        "You clicked the link in our newsletter.",
        "It was good to meet you: our meeting was worth every minute.",
        "You called about the spare parts.",
        "You opened our last email.",
        'You downloaded "{webinar}".',
        "As we discussed in our last meeting, planning comes first.",
        "Thank you for meeting with me.",
        "You used the checklists.",
        "You filled in our contact form.",
    ),
    "fact_quote": (
        'You wrote "we lose two tablets every week" and I took it seriously.',
        'You said "paper is dead" in the chat.',
        'You joined "Plan It or Lose It" with many others.',
        'As you put it, "a tablet never breaks".',
    ),
    "fact_commitment": (
        "I can offer a discount if you decide soon.",
        "We guarantee that it works.",
        "The first site is free of charge.",
        "You get a full refund if it does not suit you.",
        "We will send you the plan by Friday.",
        "We answer around the clock, with an SLA.",
        "Mendwell is ISO 27001 certified.",
        "You have a strong case, in our view.",
        "It comes with a free trial.",
        "It will be up and running within a month.",
    ),
}

GREETED_WRONG = ("Hi {xname},", "Dear {first} {xsurname},", "Hello {xname},", "{xname},")
SIGNED_WRONG = ("Best,\n{xname}", "Kind regards,\n{sender} {xsurname}", "Thanks,\n{first}")


def cases(rng: random.Random, *, honest: int = 120, each: int = 14) -> Iterator[Case]:
    """Honest drafts, then `each` wrong drafts of every rule, then greetings and sign-offs of somebody else."""
    for _ in range(honest):
        yield _mail(scene(rng), rng.sample(TRUE, rng.randint(1, 4)), None)
    for rule, sentences in FALSE.items():
        for number in range(each):
            wrong = sentences[number % len(sentences)]
            around = rng.sample([s for s in TRUE if not _beside(s, wrong)], rng.randint(0, 2))
            yield _mail(scene(rng), [*around, wrong], rule)
    for line in (*GREETED_WRONG, *GREETED_WRONG):
        yield _mail(scene(rng), rng.sample(TRUE, 2), "fact_name", greeting=line)
    for line in (*SIGNED_WRONG, *SIGNED_WRONG):
        yield _mail(scene(rng), rng.sample(TRUE, 2), "fact_name", close=line)


def _beside(sentence: str, wrong: str) -> bool:
    """Whether two sentences tell of the same thing, so that one mail would contradict itself."""
    return sentence.split()[:3] == wrong.split()[:3]


def _mail(place: Scene, sentences: list[str], rule: str | None, *, greeting: str = "", close: str = "") -> Case:
    rng = place.rng
    words = place.words() | wrong_values(place)
    layout: Callable[[list[str]], str] = rng.choice(("\n\n".join, " ".join))
    parts = [
        greeting or rng.choice(GREETINGS),
        layout(sentences),
        rng.choice(QUESTIONS),
        close or rng.choice(CLOSES),
    ]
    return rng.choice(SUBJECTS).format(**words), "\n\n".join(parts).format(**words), place.brief, rule


def wrong_values(place: Scene) -> dict[str, str]:
    """Values that are near to the record's and not in it."""
    rng, brief = place.rng, place.brief
    webinar, views, mail, _ = brief.events
    assert brief.deal and brief.deal.amount and views.count
    web_ago, mail_ago = ((NOW.date() - event.at.date()).days for event in (webinar, mail))
    off = webinar.at + timedelta(days=rng.choice((-1, 1)))
    used = {f"{event.at:%A}" for event in (webinar, mail)}
    return {
        "xname": rng.choice(OTHERS),
        "xsurname": rng.choice(SURNAMES),
        "xcompany": rng.choice(OTHER_COMPANIES),
        "xproduct": rng.choice(PRODUCTS),
        "xstaff": str(rng.choice((39, 41, 50, 400))),
        "xcustomers": str(rng.choice((120, 350, 1200))),
        "xcount": str(views.count + rng.choice((-1, 1, 10))),
        "xamount": f"{int(brief.deal.amount) + rng.choice((-400, 100, 1000, 10)):,}",
        "xpercent": str(rng.choice((3, 20, 35, 40))),
        "xday": rng.choice([day for day in WEEKDAYS if day not in used]),
        "xany": rng.choice(WEEKDAYS),
        "xdate": f"{off.day} {off:%B}",
        "xago": str(web_ago + rng.choice((-1, 1, 10))),
        "xmail": str(mail_ago + rng.choice((-1, 1, 7))),
        "xmonth": rng.choice(("January", "November", "December")),
        "xmailbox": f"{brief.contact.email.partition('@')[0]}1@{brief.contact.email.partition('@')[2]}",
    }
