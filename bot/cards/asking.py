"""The modal that asks for a draft: whom to write to and why, what the email is for, how it should sound."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import blocks as bk
from bot.cards import inputs
from bot.cards.answers import Choice, no_contacts
from bot.cards.blocks import Block, inline
from bot.cards.ids import (
    COMMAND,
    CONTACT,
    CONTACT_BLOCK,
    GOAL_BLOCK,
    GOAL_LIMIT,
    GOALS_BLOCK,
    LEAD,
    LEADS_BLOCK,
    NEW_VIEW,
    NOTE_BLOCK,
    NOTE_LIMIT,
    PLACE_BLOCK,
    PLAYBOOK_BLOCK,
    TEXT_ACTION,
    TONE_BLOCK,
    Place,
)
from storage.tables import Tone

REASONS = 3
USUAL = "usual"

OPEN_ASK_AGAIN = f"Slack took too long to open the form. Please type `{COMMAND}` again."
CONTACT_MISSING = "Please choose who to write to, here or in the list above."
CONTACT_GONE = "This contact is not in the CRM any more. Please choose somebody else."
CHOOSE_ELSE = "Please choose somebody else."


@dataclass(frozen=True)
class Origin:
    """Where the form was opened, which it carries along. Without a place it asks for one."""

    place: Place | None
    answer_url: str | None = None  # where Slack takes a private answer for half an hour
    quoted: bool = False  # the note came from a message

    def __str__(self) -> str:
        place = str(self.place) if self.place else None
        return json.dumps({"place": place, "answer_url": self.answer_url, "quoted": self.quoted})

    @classmethod
    def parse(cls, value: str) -> "Origin":
        known = json.loads(value)
        place = Place.parse(known["place"]) if known["place"] else None
        return cls(place, known["answer_url"], known["quoted"])


@dataclass(frozen=True)
class Candidate:
    """Somebody to follow up with, and why now."""

    choice: Choice
    reasons: Sequence[str]


@dataclass(frozen=True)
class Chosen:
    """Whom the form is about: what they did, what an email to them could be for, and what speaks against one."""

    choice: Choice
    reasons: Sequence[str]
    goals: Sequence[str]
    playbook: str  # what the newest event suggests
    barred: str | None = None


@dataclass(frozen=True)
class Typed:
    """What somebody has put into the form already."""

    goal: str = ""
    note: str = ""
    tone: Tone | None = None
    playbook: str | None = None  # a choice of their own, with the block it was made in
    playbook_block: str = ""


@dataclass(frozen=True)
class Book:
    name: str
    title: str
    when_to_use: str


def new_draft(
    origin: Origin,
    books: Sequence[Book],
    *,
    default: str,
    leads: Sequence[Candidate] = (),
    chosen: Chosen | None = None,
    typed: Typed | None = None,
) -> Block:
    """The form.

    Slack keeps what stands in an input as long as its block id stays. So the blocks that we fill anew for another
    contact have ids that say for whom, and those that people type into have not.
    """
    typed = typed or Typed()
    return _modal(
        {
            "private_metadata": str(origin),
            "submit": bk.plain("Draft it", bk.TITLE),
            "blocks": [
                *_leads(leads),
                _search(chosen, others=bool(leads)),
                *(_about(chosen) if chosen else ()),
                *_goals(chosen),
                _goal(typed.goal, offered=bool(chosen and chosen.goals)),
                _playbook(books, chosen.playbook if chosen else default, typed),
                _tone(typed.tone),
                _note(typed.note, quoted=origin.quoted),
                *_place(origin),
            ],
        }
    )


def one_moment() -> Block:
    """Until the form is there: Slack gives three seconds to open something, and the CRM may be slower."""
    text = f"One moment, I am looking through your CRM… If nothing comes, close this and type `{COMMAND}` again."
    return _modal({"blocks": [bk.section(text)]})


def nobody_yet() -> Block:
    """Where there is no contact to choose."""
    return _modal({"blocks": no_contacts()["blocks"]})


def contact_option(choice: Choice, below: str = "") -> Block:
    """A contact to choose: name, title and company, and below it the address, or why."""
    post = " at ".join(part for part in (choice.title, choice.company) if part)
    text = f"{choice.name}, {post}" if post else choice.name
    return inputs.option(text, str(choice.contact_id), below or choice.email)


def _modal(content: Block) -> Block:
    title, close = bk.plain("Draft a follow-up", bk.TITLE), bk.plain("Cancel", bk.TITLE)
    return {"type": "modal", "callback_id": NEW_VIEW, "title": title, "close": close, **content}


def _leads(leads: Sequence[Candidate]) -> list[Block]:
    if not leads:
        return []
    options = [contact_option(lead.choice, _why(lead.reasons)) for lead in leads]
    return [inputs.telling("Who to follow up with next", LEADS_BLOCK, LEAD, options)]


def _why(reasons: Sequence[str]) -> str:
    """As many whole reasons as fit, the strongest first."""
    said = reasons[0]
    for reason in reasons[1:]:
        if bk.size(longer := f"{said}; {reason}") > inputs.OPTION:
            break
        said = longer
    return said


def _search(chosen: Chosen | None, *, others: bool) -> Block:
    label, hint = "Or somebody else" if others else "Contact", "Type a name, company or address"
    if chosen is None:
        return inputs.search(label, CONTACT_BLOCK, CONTACT, hint, optional=others)
    block_id = f"{CONTACT_BLOCK}:{chosen.choice.contact_id}"
    return inputs.search(label, block_id, CONTACT, hint, contact_option(chosen.choice), optional=False)


def _about(chosen: Chosen) -> list[Block]:
    if chosen.barred:
        return [bk.section(f"*Nobody may write to {inline(chosen.choice.name)}.* {inline(chosen.barred, 300)}")]
    known = "; ".join(chosen.reasons[:REASONS])
    nothing = "Nothing is on record about them yet, so the email can only say what you put here."
    return [bk.context(inline(known, 300) if known else nothing)]


def _goals(chosen: Chosen | None) -> list[Block]:
    if chosen is None or not chosen.goals:
        return []
    options = [inputs.option(goal, bk.clamp(goal, inputs.VALUE)) for goal in chosen.goals]
    block_id = f"{GOALS_BLOCK}:{chosen.choice.contact_id}"
    return [inputs.radio("What for?", block_id, options, options[0])]


def _goal(goal: str, *, offered: bool) -> Block:
    label = "Or in your own words" if offered else "What for?"
    hint = "If you write something here, it counts." if offered else "Leave it empty and the latest event decides."
    return inputs.typed(label, GOAL_BLOCK, TEXT_ACTION, goal, limit=GOAL_LIMIT, multiline=False, hint=hint)


def _playbook(books: Sequence[Book], suggested: str, typed: Typed) -> Block:
    """A choice that somebody made stays; otherwise what we suggest."""
    wanted = typed.playbook or suggested
    options = [
        inputs.option(book.title, book.name, book.when_to_use) for book in books if len(book.name) <= inputs.VALUE
    ]
    initial = next((one for one in options if one["value"] == wanted), None)
    block_id = typed.playbook_block if typed.playbook else f"{PLAYBOOK_BLOCK}:{suggested}"
    return inputs.select("Playbook", block_id, options, initial)


def _tone(tone: Tone | None) -> Block:
    names = {USUAL: "As your team writes", **{str(one): one.capitalize() for one in Tone}}
    options = [inputs.option(text, value) for value, text in names.items()]
    initial = next(one for one in options if one["value"] == str(tone or USUAL))
    return inputs.select("Tone", TONE_BLOCK, options, initial)


def _note(note: str, *, quoted: bool) -> Block:
    label = "From the message" if quoted else "Anything the email should know"
    hint = "What stands here is given to the model as a fact."
    if quoted:
        hint = f"{hint} Change it as you like."
    if quoted and bk.size(note) > NOTE_LIMIT:
        hint = f"The message is longer than {NOTE_LIMIT:,} characters; this is its beginning. {hint}"
    return inputs.typed(label, NOTE_BLOCK, TEXT_ACTION, note, limit=NOTE_LIMIT, multiline=True, hint=hint)


def _place(origin: Origin) -> list[Block]:
    """Where the card will be: asked for, or said."""
    if origin.place is None:
        return [inputs.conversation("Where to post the draft", PLACE_BLOCK, "Empty: as a direct message to you.")]
    if origin.place.thread:
        return [
            bk.context("The draft will be posted as a reply to the message, or sent to you if I may not post there.")
        ]
    where = f"<#{origin.place.channel}>" if origin.place.channel[:1] in "CG" else "this conversation"
    return [bk.context(f"The draft will be posted in {where}, or sent to you if I may not post there.")]
