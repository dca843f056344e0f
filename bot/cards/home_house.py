"""The parts of App Home about the house: learned rules, the voice, what was imported, who hears every morning."""

from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo

from bot.cards import blocks as bk
from bot.cards.blocks import Block, inline, person
from bot.cards.ids import (
    COMMAND,
    DIGEST_ADD,
    DIGEST_OFF,
    HOME_RULE_NO,
    HOME_RULE_UNDO,
    HOME_RULE_USE,
    VOICE_BACK,
    VOICE_EDIT,
)
from bot.cards.words import counted, reader_time
from model.rules import Rule, effect, question, sentence
from storage import tables
from storage.tables import RuleStatus, VoiceSource

ACCEPTED_SHOWN = 10  # the newest
CHANNELS_SHOWN = 10
SOURCES = {VoiceSource.file: "voice.yml", VoiceSource.rules: "an accepted rule", VoiceSource.app: "App Home"}
CRMS = {"hubspot": "HubSpot", "salesforce": "Salesforce", "tryton": "Tryton"}
IMPORTS = {"import crm": "CRM", "import emails": "Past emails"}


def rules(found: Sequence[tuple[Rule, tables.Rule]], *, zone: ZoneInfo) -> list[Block]:
    """Proposals first, each with its two buttons; then what holds, each with the way back."""
    proposed = [pair for pair in found if pair[1].status == RuleStatus.proposed]
    accepted = [pair for pair in found if pair[1].status == RuleStatus.accepted][-ACCEPTED_SHOWN:]
    heading = bk.header("Rules that every draft obeys")
    if not found:
        text = "None yet. When people keep making the same change, I propose it here as a rule."
        return [heading, bk.section(text)]
    return [
        heading,
        *(block for rule, row in proposed for block in _proposed(rule, row)),
        *(_accepted(rule, row, zone) for rule, row in accepted),
    ]


def _proposed(rule: Rule, row: tables.Rule) -> list[Block]:
    use = bk.button("Use this rule", f"{HOME_RULE_USE}:{row.id}", str(row.id), style="primary")
    no = bk.button("Do not use it", f"{HOME_RULE_NO}:{row.id}", str(row.id))
    text = f"{inline(sentence(rule), 1_000)}\n*{inline(question(rule), 1_000)}*"
    return [bk.section(text), bk.actions(f"rule_{row.id}", [use, no])]


def _accepted(rule: Rule, row: tables.Rule, zone: ZoneInfo) -> Block:
    undo = bk.button("Stop using it", f"{HOME_RULE_UNDO}:{row.id}", str(row.id))
    when = f" on {reader_time(row.decided_at, zone)}" if row.decided_at else ""
    text = f"{inline(effect(rule), 1_000)}\nAccepted by {person(row.decided_by or '')}{when}."
    return bk.section(text, accessory=undo)


def voice(version: tables.VoiceVersion | None, *, zone: ZoneInfo, admin: bool) -> list[Block]:
    """Which version serves, and for admins the ways to another one."""
    heading = bk.header("Voice")
    edit = bk.button("Edit the voice", VOICE_EDIT, "voice")
    if version is None:
        text = "No voice yet: drafts do not know who you are and how you write."
        remedy = "" if admin else " Ask an Afterword admin to write one here."
        return [heading, bk.section(text + remedy), *([bk.actions("voice_ways", [edit])] if admin else [])]
    by = f", by {person(version.who)}" if version.source == VoiceSource.app else ""
    text = (
        f"Version {version.number} serves, from {SOURCES[version.source]}{by}, since {reader_time(version.at, zone)}."
    )
    back = bk.button("Go back to an earlier version", VOICE_BACK, "voice")
    ways = [edit, *([back] if version.number > 1 else [])]
    return [heading, bk.section(text), *([bk.actions("voice_ways", ways)] if admin else [])]


def imports(
    found: Sequence[tables.Audit], connected: Sequence[tables.Connection], *, any_contact: bool, zone: ZoneInfo
) -> list[Block]:
    """When the CRM and past emails last came in, how many rows, and what was not taken."""
    heading = bk.header("Your data")
    lines = [f"• *{CRMS.get(row.crm, row.crm)}:* {_connection(row, zone)}" for row in connected]
    lines += [f"• *{IMPORTS[row.action]}:* {_import(row, zone)}" for row in found]
    if not any_contact:
        lines = [
            "No contacts yet. Whoever runs Afterword imports them: `afterword import crm --contacts F.csv`",
            *lines,
        ]
    return [heading, bk.section("\n".join(lines or ["There are contacts, but no import is on record."]))]


def _connection(row: tables.Connection, zone: ZoneInfo) -> str:
    read = (
        f"connected, last read {reader_time(row.finished_at, zone)}" if row.finished_at else "connected, not read yet"
    )
    return f"{read}. The last time did not go well: {inline(row.error, 300)}" if row.error else read


def _import(row: tables.Audit, zone: ZoneInfo) -> str:
    taken, rejected = int(row.detail.get("imported", 0)), int(row.detail.get("rejected", 0))
    rest = f"; {counted(rejected, 'row')} not taken, see rejects.csv" if rejected else "; every row was taken"
    return f"last imported {reader_time(row.at, zone)}, {counted(taken, 'row')}{rest}"


def digests(channels: Sequence[tables.DigestChannel], at: time, *, admin: bool) -> list[Block]:
    """Where the morning's digest comes, and how to have it elsewhere."""
    text = f"Every working morning at {at:%H:%M}, a channel can hear which drafts wait and what the night brought."
    how = f"Type `{COMMAND} digest on` in a channel to have it there."
    if not admin:
        where = ", ".join(f"<#{row.channel}>" for row in channels[:CHANNELS_SHOWN])
        return [bk.header("Digests"), bk.section(f"{text} {how}" + (f"\nIt comes in {where}." if where else ""))]
    add = {
        "type": "conversations_select",
        "action_id": DIGEST_ADD,
        "placeholder": bk.plain("Add a channel", 150),
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": True,
        },
    }
    return [
        bk.header("Digests"),
        bk.section(f"{text} {how} Or add a channel here."),
        bk.actions("digest_channels", [add]),
        *(_channel(n, row) for n, row in enumerate(channels[:CHANNELS_SHOWN])),
    ]


def _channel(n: int, row: tables.DigestChannel) -> Block:
    end = bk.button("End it there", f"{DIGEST_OFF}:{n}", row.channel)
    return bk.section(f"<#{row.channel}>, asked for by {person(row.asked_by)}", accessory=end)
