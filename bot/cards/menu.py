"""What else can be done with a draft: the menu beside Approve and Edit."""

from bot.cards import blocks as bk
from bot.cards.blocks import Block
from bot.cards.ids import MENU, Ticket
from storage.tables import Tone

ANOTHER, TURN_DOWN = "another", "discard"
OPTIONS = {
    str(Tone.shorter): "Write it shorter",
    str(Tone.warmer): "Write it warmer",
    str(Tone.more_direct): "Write it more directly",
    ANOTHER: "Write another version",
    TURN_DOWN: "Discard…",
}


def menu(ticket: Ticket) -> Block:
    """An overflow menu, not a select: a select keeps what was chosen, and after a Cancel cannot choose it again."""
    return bk.overflow(MENU, [(text, f"{what}|{ticket}") for what, text in OPTIONS.items()])


def parse_menu(value: str) -> tuple[str, Ticket]:
    """What was chosen, a tone, ANOTHER or TURN_DOWN, and for which draft."""
    what, ticket = value.split("|")
    return what, Ticket.parse(ticket)
