"""The house editor of the sample company, Mendwell: direct, warm, short sentences, one clear question.

A house mail is a greeting, an opening, a middle, a question and a sign-off. The opening follows from the newest thing
the customer did, middle and question from the goal; subject, greeting, opening and sign-off have two equally good
wordings. The editor sends the valid mail that is nearest to the draft, so that a valid draft costs nothing and every
free choice is free.
"""

import itertools
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapidfuzz.distance import Levenshtein

NAME = "house"

Brief = Mapping[str, Any]

# The first family with a matching word wins: "answer the pricing question" is about the price.
FAMILIES: dict[str, str] = {
    "pricing": r"pric(e|ing)|quote|cost|budget|proposal|discount",
    "story": r"case stud|stor(y|ies)\b|reference|customer example|proof",
    "recap": r"recap|summar|next steps|minutes of|wrap up|follow up on the (call|meeting)",
    "revive": r"reviv|re-?engage|stall|quiet|wake|silent|silence|dormant|win back|gone cold",
    "renewal": r"renew|extend|expan|upgrade|contract|upsell",
    "pilot": r"pilot|trial|onboard|set ?up|roll ?out|adopt|activat|get started|first week",
    "demo": r"demo|walk ?through|tour\b|show|see the product",
    "session": r"invit|seat\b|sign up|next (webinar|session)",
    "question": r"question|answer|ticket|support|issue|problem|help|fix|complain",
}
OTHERWISE = "talk"

SUBJECTS: dict[str, tuple[str, ...]] = {
    "pricing": ("What {d} costs, line by line", "The price, without small print"),
    "story": ("How others did it", "A story from the floor for {c}"),
    "recap": ("Half a page on {d}", "What we said, and what is open"),
    "revive": ("Still on your list?", "Keep it or close it: {d}"),
    "renewal": ("What to keep and what to drop", "Before we talk about {d}"),
    "pilot": ("Start with one machine", "A small start for {c}"),
    "demo": ("Your machines, no slides", "Mendwell with the assets of {c}"),
    "session": ("A seat for {c}", "One hour, one real planner"),
    "question": ("A straight answer", "Let us look at it together"),
    "talk": ("Worth a talk?", "How jobs reach people at {c}"),
}

GREETINGS = ("Hi {first},", "Hello {first},")
SIGN_OFFS = ("Talk soon,\n{sender}", "All the best,\n{sender}")

OPENINGS: dict[str, tuple[str, ...]] = {
    "meeting": (
        "Thank you for the {s} {w}. I would rather follow up with one useful thought than with a long summary.",
        "The {s} {w} was time well spent on my side. One thought has stayed with me since.",
    ),
    "call": (
        "Thank you for the call {w}. I have a clearer picture of {s} now, and I owe you a proper follow-up.",
        "Good to hear your voice {w}. We got as far as {s}, and that should not end up in a drawer.",
    ),
    "webinar_attended": (
        'Thank you for joining "{s}" {w}. An hour like that always ends before the good part does.',
        'You joined us for "{s}" {w}. Slides are easy, so I would rather talk about your own floor.',
    ),
    "document_download": (
        'You picked up "{s}" {w}. It is the paper I would have chosen too, so let me add what it leaves out.',
        '"{s}" went your way {w}. Paper only gets a team so far, so here is what I would read next to it.',
    ),
    "page_view": (
        "You were on our {s} page {w}. It covers the general case, and yours is probably not general.",
        "I noticed a visit to our {s} page {w}. Let me spare you the clicking and say the important bit here.",
    ),
    "page_view counted": (
        "You have come back to our {s} page {times}. When people do that, we usually left something out.",
        "Our {s} page has seen you {times}. It should have been clearer, so let me try in my own words.",
    ),
    "form_submit": (
        'Your "{s}" form reached us {w}. Somebody reads every one of those, and yours landed with me.',
        'Thank you for filling in "{s}" {w}. Forms are a stiff way to meet, so let us have a real conversation.',
    ),
    "product_usage": (
        "Your team was busy in {s} {w}. Good habits begin exactly there, and I would like to build on it.",
        "I saw {s} in use on your side {w}. The floor is working with it, which matters more than any report.",
    ),
    "product_usage counted": (
        "Your team has been in {s} {times}. Figures like that tell me somebody made it a habit.",
        "{s} was used {times} on your account. A habit is forming there, and it is worth protecting.",
    ),
    "ticket": (
        'You wrote to support {w} about "{s}". What annoys you belongs on my desk as well as on theirs.',
        'Your ticket "{s}" reached us {w}. Support has the details, and I want to look after the rest.',
    ),
    "email_received": (
        "Thank you for writing back {w}. I will stick to what you brought up and leave everything else aside.",
        "Your reply {w} was good to read. It deserves better than a standard paragraph, so I will be specific.",
    ),
    "email_click": (
        'You followed the link in "{s}" {w}. A link tells half of it, so here comes the other half.',
        'The link in "{s}" caught your eye {w}. I hoped it would, and I can add something to it.',
    ),
    "email_open": (
        'You opened "{s}" {w}. It was longer than it needed to be, so here is the short version.',
        '"{s}" got your attention {w}. Let me say the same in fewer words.',
    ),
    "email_open counted": (
        'You have opened "{s}" {times}. I take it as a hint that I was too wordy, so here is the short version.',
        '"{s}" was opened {times} on your side. Perhaps it went round the office, so let me be brief for everybody.',
    ),
    "nothing": (
        "You do not have a proper note from me yet. Here is one, and it comes without a brochure.",
        "We have not really met, so I will come straight to the point.",
    ),
}

# What stands for the subject of an event that has none.
UNTITLED = {
    "meeting": "meeting",
    "call": "your plans",
    "webinar_attended": "our webinar",
    "page_view": "product",
    "product_usage": "Mendwell",
    "ticket": "your request",
    "form_submit": "contact",
}

MIDDLES: dict[str, str] = {
    "pricing": (
        "On money I prefer plain words. I can take {d} apart line by line, so that you see what each part "
        "buys and what you could leave out at first."
    ),
    "story": (
        "Our case studies are short and honest: what broke before, what the team planned first, and what they"
        " would do differently. I would pick the one closest to {i}."
    ),
    "recap": (
        "My notes on {d} fit on half a page: what you asked for, what we owe you, and what nobody has "
        "decided. Correct me wherever I misheard."
    ),
    "revive": (
        "It has gone quiet around {d}, and that is fine, because plans move. I would rather hear an honest no"
        " than fill your inbox, and I am just as glad to pick up the thread."
    ),
    "renewal": (
        "Before we discuss {d}, let us look at what you really use. Whatever gathers dust should come out of "
        "the agreement, and whatever people lean on can grow."
    ),
    "pilot": (
        "Teams that settle in well start small: one area, one checklist, one owner. At {c} I would begin with"
        " the machine that everybody complains about."
    ),
    "demo": (
        "The best demo is a dull one. We load your own assets, play through an ordinary week, and watch a "
        "fault become a planned job before anybody at {c} picks up a phone."
    ),
    "session": (
        "We run these sessions with one working planner and no sales deck. You hear how another crew decides "
        "what can wait, and everybody in {i} may argue back."
    ),
    "question": (
        "You should get a straight reply and not a link to the manual. I can bring the engineer who knows "
        "that corner, and we look at your screen together."
    ),
    "talk": (
        "Tell me how a job reaches a technician at {c} today. After that I can say honestly whether Mendwell "
        "fits, and if it does not, I will say that too."
    ),
}

QUESTIONS: dict[str, str] = {
    "pricing": "Which figure do you need in hand before you can take this further?",
    "story": "Shall I choose the one about planning, or the one about spare parts?",
    "recap": "Is anything missing before this goes to the others?",
    "revive": "Should I keep your place, or close the file for now?",
    "renewal": "What would you keep, and what would you drop tomorrow?",
    "pilot": "Which machine would you pick?",
    "demo": "I keep Thursday mornings open for this. Which hour suits you and whoever plans the jobs?",
    "session": "Shall I hold a seat for you, or for a colleague?",
    "question": "Fifteen minutes on a shared screen usually settle it. When are you at your desk?",
    "talk": "I keep Thursday mornings open for first talks. Would one of them work for you?",
}


@dataclass(frozen=True)
class HouseMails:
    """Every mail this house would send for one brief, part by part."""

    subjects: tuple[str, ...]
    greetings: tuple[str, ...]
    openings: tuple[str, ...]
    middles: tuple[str, ...]
    questions: tuple[str, ...]
    sign_offs: tuple[str, ...]

    def bodies(self) -> Iterator[str]:
        parts = (self.greetings, self.openings, self.middles, self.questions, self.sign_offs)
        return ("\n\n".join(chosen) for chosen in itertools.product(*parts))

    def texts(self) -> Iterator[str]:
        return (joined(subject, body) for subject, body in itertools.product(self.subjects, self.bodies()))

    def any(self, rng: random.Random) -> tuple[str, str]:
        """Subject and body of one of them."""
        parts = (self.greetings, self.openings, self.middles, self.questions, self.sign_offs)
        return rng.choice(self.subjects), "\n\n".join(rng.choice(part) for part in parts)


def edit(draft: str, brief: Brief, rng: random.Random) -> str:
    """What a reviewer of this house sends instead of `draft`: the nearest valid mail, a tie by `rng`."""
    mails = valid(brief)
    subject, body = parted(draft)
    return joined(nearest(subject, mails.subjects, rng), nearest(body, mails.bodies(), rng))


def valid(brief: Brief) -> HouseMails:
    """The house mails for this brief. They state nothing that it does not say."""
    goal = family(brief["goal"])
    event = telling(brief)
    company, deal = brief.get("company") or {}, brief.get("deal") or {}
    facts = {
        "first": brief["contact"].get("first_name") or "there",
        "c": company.get("name") or "your site",
        "i": company.get("industry") or "your trade",
        "d": deal.get("name") or "the plan",
        "sender": brief["sender"].get("first_name") or "Mendwell",
    }
    return HouseMails(
        subjects=filled(SUBJECTS[goal], facts),
        greetings=filled(GREETINGS, facts),
        openings=_openings(brief, event),
        middles=filled((MIDDLES[goal],), facts),
        questions=(QUESTIONS[goal],),
        sign_offs=filled(SIGN_OFFS, facts),
    )


def family(goal: str) -> str:
    """The kind of mail that a goal asks for, by its words."""
    return next((name for name, words in FAMILIES.items() if re.search(words, goal.lower())), OTHERWISE)


def telling(brief: Brief) -> Mapping[str, Any] | None:
    """The newest thing the customer did or took part in; what we sent or noted ourselves says nothing."""
    return next(
        (event for event in brief.get("events") or () if event["kind"] in OPENINGS and _ago(event, brief) >= 0),
        None,
    )


def opening_of(event: Mapping[str, Any] | None) -> str:
    """The name of the openings for this event."""
    if event is None:
        return "nothing"
    counted = f"{event['kind']} counted"
    return counted if event.get("count") and counted in OPENINGS else event["kind"]


def _openings(brief: Brief, event: Mapping[str, Any] | None) -> tuple[str, ...]:
    variants = OPENINGS[opening_of(event)]
    if event is None:
        return variants
    count = event.get("count")
    facts = {
        "s": event.get("subject") or UNTITLED.get(event["kind"], "our note"),
        "times": "once" if count == 1 else f"{count} times",
    }
    return tuple(text for when in whens(event, brief) for text in filled(variants, {**facts, "w": when}))


def whens(event: Mapping[str, Any], brief: Brief) -> tuple[str, ...]:
    """How this house says when it was. A roll-up has no date of its own to quote."""
    if event.get("count"):
        return ("recently",)
    days = _ago(event, brief)
    if days < 2:
        return (("today", "yesterday")[days],)
    if days < 7:
        return (f"{days} days ago", f"on {_at(event):%A}")
    if days < 14:
        return ("last week",)
    return (f"{days // 7} weeks ago",) if days < 56 else (f"in {_at(event):%B}",)


def _ago(event: Mapping[str, Any], brief: Brief) -> int:
    return (_at(brief).astimezone(_at(event).tzinfo).date() - _at(event).date()).days


def _at(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"])


def filled(templates: tuple[str, ...], facts: Mapping[str, str]) -> tuple[str, ...]:
    # One line each, so that a subject with a line break in the record cannot split a mail.
    plain = {name: " ".join(value.split()) for name, value in facts.items()}
    return tuple(_capital(template.format_map(plain)) for template in templates)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def nearest(text: str, choices: Iterator[str] | tuple[str, ...], rng: random.Random) -> str:
    """The choice with the fewest words to change; among equals the one that keeps most of the layout."""
    words = text.split()
    ranked = [
        (Levenshtein.distance(words, choice.split()), Levenshtein.distance(text, choice), choice) for choice in choices
    ]
    best = min(rank[:2] for rank in ranked)
    return rng.choice([choice for *rank, choice in ranked if tuple(rank) == best])


def joined(subject: str, body: str) -> str:
    return f"Subject: {subject}\n\n{body}"


def parted(text: str) -> tuple[str, str]:
    """Subject and body; a draft without a subject line has an empty one."""
    first, _, rest = text.strip().partition("\n")
    match = re.fullmatch(r"[ *#]*subject[ *]*:[ *]*(.*?)[ *]*", first, re.IGNORECASE)
    return (match[1], rest.strip()) if match else ("", text.strip())
