"""The voice as its admins edit it in Slack: the file as text, and the way back to a version that served before."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block
from bot.cards.editor import FAULT, join_body, split_body
from bot.cards.ids import INPUTS, TEXT_ACTION, VERSION_BLOCK, VOICE_BACK_VIEW, VOICE_BLOCK, VOICE_VIEW, body_block
from bot.cards.words import day
from model.yaml_file import FileMistake
from storage.tables import VoiceSource, VoiceVersion

STARTER = """\
# Who you are and how you write. Every line steers the drafts, so every line has to earn its place.
company: Your company
what_we_do: what you do, in a few words
tone:
  - direct and warm
  - short sentences
avoid:
  - exclamation marks
sign_off: "Best,"
"""
PART = 2_000  # characters of an input, which holds more: there is room to write
VOICE_NAMED = "voice"  # how mistakes call the text before the place in it
VERSIONS_SHOWN = 100  # as many options as a select takes
VOICE_LATE = "Another version of the voice was saved while you were writing, and it serves. Nothing of yours was saved."
VOICE_TOO_LONG = (
    "The voice is longer than Slack's editor can hold. Edit voice.yml in AFTERWORD_HOME instead; it serves once saved."
)
_PLACE = re.compile(rf"^{VOICE_NAMED}, line (\d+)(?:, column (\d+))?: ")


def voice_view(version: VoiceVersion | None) -> Block | None:
    """The editor on the version that serves, or on a start where there is none; None for what does not fit."""
    parts, _ = _parts(version)
    if len(parts) > INPUTS:
        return None
    labels = ["voice.yml"] if len(parts) == 1 else [f"voice.yml, part {n} of {len(parts)}" for n in _numbers(parts)]
    inputs = [
        bk.text_input(label, body_block(n, VOICE_BLOCK), TEXT_ACTION, part, multiline=True)
        for n, (label, part) in enumerate(zip(labels, parts, strict=True))
    ]
    told = "What you save is checked first, and serves from the next draft on. Earlier versions are kept."
    return {
        "type": "modal",
        "callback_id": VOICE_VIEW,
        "private_metadata": str(version.number if version else 0),
        "title": bk.plain("Voice", bk.TITLE),
        "submit": bk.plain("Save this voice", bk.TITLE),
        "close": bk.plain("Cancel", bk.TITLE),
        "blocks": [bk.context(told), *inputs],
    }


@dataclass(frozen=True)
class Submitted:
    """What stood in the inputs when the editor was submitted, and what stands between them in the file."""

    parts: Sequence[str]
    joints: Sequence[str]

    @property
    def text(self) -> str:
        return join_body(self.parts, self.joints).rstrip() + "\n"


def voice_submitted(version: VoiceVersion | None, given: Mapping[str, str | None]) -> Submitted:
    """The inputs by block id; one that says nothing holds what the editor was opened with."""
    own, joints = _parts(version)
    texts = [given.get(body_block(n, VOICE_BLOCK)) for n in range(len(own))]
    parts = [text if text is not None else before for text, before in zip(texts, own, strict=True)]
    return Submitted([part.replace("\r\n", "\n") for part in parts], joints)


def voice_errors(mistake: FileMistake, submitted: Submitted) -> dict[str, str]:
    """What is wrong, under the input that holds the first mistake, with line and column as they count there."""
    first, *others = mistake.mistakes
    found = _PLACE.match(first)
    part, line = _in_part(int(found[1]), submitted) if found else (0, 0)
    column = f", column {found[2]}" if found and found[2] else ""
    place = f"Line {line}{column}" + (" of this part" if len(submitted.parts) > 1 else "") if found else "The file"
    more = f" {len(others)} more mistakes follow." if len(others) > 1 else " One more follows." if others else ""
    room = FAULT - len(place) - len(more) - 2
    return {body_block(part, VOICE_BLOCK): f"{place}: {bk.clamp(_PLACE.sub('', first), room)}{more}"}


def _in_part(line: int, submitted: Submitted) -> tuple[int, int]:
    """Which input a line of the whole file stands in, and which line it is there."""
    before = line - 1
    for n, (part, joint) in enumerate(zip(submitted.parts, [*submitted.joints, ""], strict=True)):
        ends = part.count("\n")
        if before <= ends or n == len(submitted.parts) - 1:
            return n, max(before, 0) + 1
        before -= ends + joint.count("\n")
    return 0, 1


def voices_view(versions: Sequence[VoiceVersion], zone: ZoneInfo) -> Block:
    """Which earlier version should serve again; `versions` newest first, the one in service among them."""
    options = [
        {"text": bk.plain(_version(row, zone), 75), "value": str(row.number)}
        for row in versions[1 : VERSIONS_SHOWN + 1]
    ]
    select = {
        "type": "static_select",
        "action_id": TEXT_ACTION,
        "placeholder": bk.plain("Choose a version", 150),
        "options": options,
    }
    told = f"Version {versions[0].number} serves now. The one you choose becomes a new version, so nothing is lost."
    return {
        "type": "modal",
        "callback_id": VOICE_BACK_VIEW,
        "private_metadata": str(versions[0].number),
        "title": bk.plain("Earlier voices", bk.TITLE),
        "submit": bk.plain("Use this version", bk.TITLE),
        "close": bk.plain("Cancel", bk.TITLE),
        "blocks": [
            bk.context(told),
            {"type": "input", "block_id": VERSION_BLOCK, "label": bk.plain("Version", 2_000), "element": select},
        ],
    }


def _version(row: VoiceVersion, zone: ZoneInfo) -> str:
    local = row.at.astimezone(zone)
    source = {VoiceSource.app: "App Home", VoiceSource.rules: "a rule"}.get(VoiceSource(row.source), "voice.yml")
    return f"Version {row.number}, {day(local)} {local:%H:%M}, from {source}"


def voice_late_view(text: str) -> Block:
    """In place of the editor when another version came first; what was written is not thrown away."""
    parts, _ = split_body(text)
    own = [bk.paragraph(part, f"own_{n}") for n, part in enumerate(parts[:INPUTS])]
    return {
        "type": "modal",
        "title": bk.plain("Not saved", bk.TITLE),
        "close": bk.plain("Close", bk.TITLE),
        "blocks": [bk.section(f"{VOICE_LATE} Here is your text, in case you want to copy it:"), *own],
    }


def _parts(version: VoiceVersion | None) -> tuple[list[str], list[str]]:
    """What the editor is opened with, input by input, and what stands between them."""
    return split_body(version.text if version else STARTER, PART)


def _numbers(parts: Sequence[str]) -> range:
    return range(1, len(parts) + 1)
