"""The question that a discard asks: a modal, so that the reason can teach what it says and no more."""

from bot.cards import blocks as bk
from bot.cards.blocks import Block
from bot.cards.drafts import recipient, ticket
from bot.cards.ids import DISCARD_VIEW, REASON_ACTION, REASON_BLOCK, TEXT_ACTION, WORDS_BLOCK, Ticket
from storage.tables import Contact, Draft, Reason

REASONS = {
    Reason.wrong_facts: ("Wrong facts", "Something in it is not so."),
    Reason.wrong_tone: ("Wrong tone", "This is not how we write."),
    Reason.wrong_moment: ("Wrong moment", "Not now. It does not count against the drafts."),
    Reason.not_needed: ("Not needed", "Nobody has to write. It does not count against the drafts."),
    Reason.other: ("Something else", "Please say what, if you like."),
}
CHOOSE_REASON = "Please choose what comes nearest."


def discard_view(draft: Draft, contact: Contact) -> Block:
    """Asks why; the modal is the confirmation as well."""
    choices = [(text, str(reason), described) for reason, (text, described) in REASONS.items()]
    return {
        "type": "modal",
        "callback_id": DISCARD_VIEW,
        "private_metadata": str(ticket(draft)),
        "title": bk.plain("Discard this draft?", bk.TITLE),
        "submit": bk.plain("Discard", bk.TITLE),
        "close": bk.plain("Keep it", bk.TITLE),
        "blocks": [
            bk.context(f"{recipient(draft, contact)}\nNothing will be sent. You can always ask for a new draft."),
            bk.radio("What is wrong with it?", REASON_BLOCK, REASON_ACTION, choices),
            bk.text_input("In your own words", WORDS_BLOCK, TEXT_ACTION, "", multiline=False, optional=True),
        ],
    }


def parse_discard(metadata: str) -> Ticket:
    """Which draft a submitted question is about."""
    return Ticket.parse(metadata)


def told_view(title: str, sentence: str) -> Block:
    """A finished sentence in place of a modal that can no longer be submitted."""
    return {
        "type": "modal",
        "title": bk.plain(title, bk.TITLE),
        "close": bk.plain("Close", bk.TITLE),
        "blocks": [bk.section(sentence)],
    }
