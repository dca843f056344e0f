"""Every id and limit that the cards and the listeners must agree on, and what a button's value says."""

from dataclasses import dataclass

COMMAND = "/draft-followup"

APPROVE = "approve_draft"
EDIT = "edit_draft"
AGAIN = "draft_again"
DISCARD = "discard_draft"
MENU = "draft_menu"
WHY = "why_draft"
CHOOSE = "choose_contact"  # followed by a colon and a number: ids must differ within a message
EDIT_VIEW = "edit_view"
DISCARD_VIEW = "discard_view"
NEW_VIEW = "new_draft_view"
OPEN_NEW = "open_new_draft"
CONTACT = "contact"  # the search
LEAD = "choose_lead"
FROM_MESSAGE = "draft_from_message"  # the message shortcut
FROM_ANYWHERE = "draft_follow_up"  # the global shortcut
RULE_USE = "use_rule"
RULE_NO = "decline_rule"
RULE_UNDO = "undo_rule"
UNDO = "undo_decision"
DELIVER_AGAIN = "deliver_again"

# App Home. Where a button stands there more than once, a colon and a number follow its id.
HOME_EDIT = "home_edit"
HOME_EDIT_VIEW = "home_edit_view"
HOME_RULE_USE = "home_use_rule"
HOME_RULE_NO = "home_decline_rule"
HOME_RULE_UNDO = "home_undo_rule"
ROLL_BACK = "roll_back"
REFINE_NOW = "refine_now"
PAUSE = "pause_learning"
RESUME = "resume_learning"
OPT_OUT = "opt_out"
OPT_IN = "opt_in"
VOICE_EDIT = "edit_voice"
VOICE_VIEW = "voice_view"
VOICE_BACK = "earlier_voices"
VOICE_BACK_VIEW = "earlier_voices_view"
DIGEST_ADD = "add_digest"
DIGEST_OFF = "end_digest"

SUBJECT_BLOCK = "subject"
BODY_BLOCK = "body"  # further inputs of a long body are body_2, body_3, …
OVERRIDE_BLOCK = "override"
TEXT_ACTION = "text"
REASON_BLOCK = "reason"
REASON_ACTION = "choice"
WORDS_BLOCK = "words"
DECISION_BLOCK = "decision"
RULE_BLOCK = "rule"
DELIVERY_BLOCK = "delivery"
VOICE_BLOCK = "voice"  # further inputs of a long file are voice_2, voice_3, …
VERSION_BLOCK = "version"

LEADS_BLOCK = "leads"
CONTACT_BLOCK = "contact"  # this one, the next and the playbook: followed by a colon and what we had put there
GOALS_BLOCK = "goals"
PLAYBOOK_BLOCK = "playbook"
GOAL_BLOCK = "goal"
TONE_BLOCK = "tone"
NOTE_BLOCK = "note"
PLACE_BLOCK = "place"
CHOICE = "choice"  # the action of every select

GOAL_LIMIT = 500
NOTE_LIMIT = 800
INPUTS = 12  # parts of a long body: 30,000 characters in paragraphs, more than anybody would edit in a modal


def body_block(part: int, block: str = BODY_BLOCK) -> str:
    """The block id of the input number `part` of a long text, from 0."""
    return block if part == 0 else f"{block}_{part + 1}"


@dataclass(frozen=True)
class Ticket:
    """What a button or a modal is about. A version that is no longer the draft's decides nothing."""

    draft_id: int
    version: int

    def __str__(self) -> str:
        return f"{self.draft_id}:{self.version}"

    @classmethod
    def parse(cls, value: str) -> "Ticket":
        draft_id, version = value.split(":")
        return cls(int(draft_id), int(version))


@dataclass(frozen=True)
class Place:
    """Where a card is to be shown: a conversation or a person, and the thread in it where there is one."""

    channel: str
    thread: str | None = None

    def __str__(self) -> str:
        return f"{self.channel}:{self.thread}" if self.thread else self.channel

    @classmethod
    def parse(cls, value: str) -> "Place":
        channel, _, thread = value.partition(":")
        return cls(channel, thread or None)
