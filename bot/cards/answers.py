"""Answers that only the person who asked sees."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline, person
from bot.cards.drafts import VERDICTS
from bot.cards.ids import CHOOSE, COMMAND, GOAL_LIMIT, OPEN_NEW
from bot.cards.words import contact_name, moment, role
from model.findings import CONSENT, Finding
from storage.tables import Company, Contact, Draft, Review, Status, Verdict

CHOICES = 8

NOT_FOUND = "This draft is not here any more. It may have been erased together with its contact."
OPEN_AGAIN = "Slack took too long to open that. Please press it again."
SUBJECT_EMPTY = "An email needs a subject. Write one, or press Cancel to keep the draft as it was."
SUBJECT_LINES = "A subject is one line. Please take out the line break."
BODY_EMPTY = "The email is empty. Write something, or press Cancel and choose Discard in the menu of the draft."


@dataclass(frozen=True)
class Choice:
    """A contact as shown to somebody who must pick one."""

    contact_id: int
    name: str
    title: str | None
    company: str | None
    email: str


def choice(contact: Contact, company: Company | None) -> Choice:
    """A contact that has a row."""
    assert contact.id is not None
    return Choice(contact.id, contact_name(contact), contact.title, company.name if company else None, contact.email)


def notice(sentence: str) -> Block:
    """One finished sentence of our own."""
    return bk.message(sentence, [bk.section(sentence)])


def too_late(draft: Draft, review: Review | None, zone: ZoneInfo) -> str:
    """To somebody whose click came second: who was faster, or what else has happened to the draft."""
    if review:
        verdict = VERDICTS[Verdict(review.verdict)].lower()
        return f"This draft was already {verdict} by {person(review.reviewer)} on {moment(review.at, zone)}."
    if draft.status in (Status.requested, Status.drafting):
        return "A new version of this draft is being written. Please decide about that one."
    return "This draft has changed since that card was made. Please look at the newest version."


def withheld(found: Sequence[Finding]) -> Block:
    """To somebody who approved a draft that must not leave: why not, and what to do."""
    final = any(finding.rule == CONSENT for finding in found)
    text = "This draft cannot go out." if final else "This draft cannot go out as it is."
    remedy = "Press Discard." if final else "Press Edit, change that, and submit; then it goes out."
    reasons = [f"• {inline(finding.reason, 300)}" for finding in found]
    return bk.message(f"{text} {remedy}", [bk.section(bk.fit([f"*{text}*", *reasons, remedy]))])


def usage(*, forms: bool = True) -> Block:
    """What can be typed, and the way to the form where there are `forms`."""
    text = f"Ask me for a follow-up email with `{COMMAND}`:"
    form = f"• `{COMMAND}` alone opens a form: find a contact, or take one of those to follow up with next"
    named = (
        f"• `{COMMAND} NAME-OR-EMAIL [goal]` drafts at once, for example"
        f" `{COMMAND} Dana Whitfield share the pricing one-pager`"
    )
    message = "• *Draft from this message*, in the menu (⋮) of any message, drafts from what it says, in its thread"
    ways = [*([form] if forms else []), named, *([message] if forms else []), f"• `{COMMAND} help` shows this"]
    button = bk.button("Draft a follow-up", OPEN_NEW, "help", style="primary")
    buttons = [bk.actions("help", [button])] if forms else []
    return bk.message("\n".join([text, *ways]), [bk.section("\n".join([text, *ways])), *buttons])


def alone() -> Block:
    """In a group in Teams, where an answer cannot be shown to one person only."""
    return notice("The answer to that is for you alone. Please write it to me in a chat of our own.")


def goal_too_long(length: int) -> Block:
    return notice(
        f"That goal has {length:,} characters; I can work with up to {GOAL_LIMIT}."
        " One short sentence about what the email should achieve works best."
    )


def no_contacts() -> Block:
    return notice(
        "There are no contacts here yet, so I do not know who to write to. Export them from your CRM as CSV"
        " and, on the machine that runs Afterword, import them:\n"
        "`afterword import crm --contacts contacts.csv`"
    )


def unknown(name: str, closest: Sequence[Choice], *, goal: str, key: str) -> Block:
    """Nobody of that name: the nearest ones, each a click away."""
    text = f"I cannot find “{inline(name, 80)}” among your contacts."
    if not closest:
        return notice(f"{text} Please check the spelling, or try the email address.")
    question = "Did you mean this one?" if len(closest) == 1 else "Did you mean one of these?"
    return _choices(f"{text} {question}", closest, goal=goal, key=key)


def ambiguous(contacts: Sequence[Choice], *, goal: str, key: str) -> Block:
    """Several people it could be, with what tells them apart."""
    return _choices(f"{len(contacts)} contacts fit. Which one do you mean?", contacts, goal=goal, key=key)


def drafting_for(contact: Contact) -> Block:
    """Takes the place of the question once it is answered."""
    return notice(f"Drafting a follow-up to {inline(contact_name(contact))}…")


def too_long(draft: Draft) -> Block:
    """The kind refusal for a text that no modal can hold."""
    return notice(
        f"This draft has {len(draft.body or ''):,} characters, more than Slack's editor can hold."
        " Decide about it here as it is, or write your text to a file and run"
        f" `afterword review {draft.id} --edit FILE`."
    )


def invite(channel: str, bot: str) -> Block:
    """Why a card came as a direct message, and how to have the next one where it was asked for."""
    return notice(
        f"I cannot post in <#{channel}>, so your draft is here."
        f" To get drafts there, type `/invite @{inline(bot, 80)}` in that channel."
    )


def shared(channel: str) -> Block:
    """Why a card does not stand in a channel that outsiders read."""
    return notice(
        f"Another organisation can read <#{channel}>, and a draft shows what your CRM knows. So your draft is here."
    )


def elsewhere(bot: str, *, invitable: bool, outsiders: bool) -> Block:
    """Said at once where the draft was asked for, to the person alone, when its card cannot stand there."""
    here = "Your draft is in your direct messages with me."
    if outsiders:
        return notice(f"Another organisation can read this channel, and a draft shows what your CRM knows. {here}")
    if invitable:
        return notice(f"I cannot post here. {here} To get drafts here, type `/invite @{inline(bot, 80)}`.")
    return notice(f"I cannot post in a conversation between people. {here}")


def nowhere(draft_id: int, bot: str) -> Block:
    """The last resort, when a card can stand neither where it was asked for nor in a direct message."""
    return notice(
        f"I can post neither here nor in a direct message to you. Draft {draft_id} is kept."
        f" Type `/invite @{inline(bot, 80)}` here and ask again, or tell your admin."
    )


def broken(reference: str) -> Block:
    return notice(
        "Sorry, something went wrong on my side, and I have made a note of it."
        f" Please try again; if it happens once more, tell your admin and quote {reference}."
    )


def parse_choice(value: str) -> tuple[int, str, str]:
    """The contact, the goal and the key of the command that a choice answers."""
    choice = json.loads(value)
    return int(choice["contact"]), str(choice["goal"]), str(choice["key"])


def _choices(text: str, contacts: Sequence[Choice], *, goal: str, key: str) -> Block:
    shown = contacts[:CHOICES]
    rows = [bk.section(_described(one), accessory=_pick(n, one, goal, key)) for n, one in enumerate(shown)]
    missing = len(contacts) - len(shown)
    more = [bk.context(f"{missing} more fit as well. An email address finds exactly one.")] if missing else []
    return bk.message(text, [bk.section(text), *rows, *more])


def _described(choice: Choice) -> str:
    details = [role(choice.title, choice.company), inline(choice.email)]
    return f"*{inline(choice.name)}*\n" + " · ".join(detail for detail in details if detail)


def _pick(n: int, choice: Choice, goal: str, key: str) -> Block:
    value = json.dumps({"contact": choice.contact_id, "goal": goal, "key": key}, ensure_ascii=False)
    return bk.button(f"Draft for {choice.name}", f"{CHOOSE}:{n}", value)
