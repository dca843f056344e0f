"""What a hostile text would reach in Slack if it stood wherever a card or the editor has room for one."""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from bot import cards
from bot.posting import render
from tests.slack_limits import faults_of_message, faults_of_view
from tests.test_cards import contact, draft, live, marks, review

INPUTS = {"subject", "body", "override"}


def faults_of(text: str) -> list[str]:
    """What is live, beyond Slack's limits, or for somebody else than the contact."""
    messages, view = _shown(text)
    faults = []
    for message, own in zip(messages, _harmless(), strict=True):
        faults += [*faults_of_message(message), *live(message)]
        if marks(message) != own:
            faults.append(f"marks {marks(message)} instead of {own}")
        line = message["blocks"][0]["elements"][0]["text"]
        if not (line.startswith("To *") and line.endswith(" · dana@x.example")):
            faults.append(f"recipient {line!r}")
    inputs = {block["block_id"].partition("_")[0] for block in view["blocks"] if block["type"] == "input"}
    if inputs != INPUTS:
        faults.append(f"the editor takes {inputs}")
    return [f"{fault}: {text!r}" for fault in (*faults, *faults_of_view(view), *live(view))]


@cache
def _harmless() -> list[Any]:
    return [marks(message) for message in _shown("x")[0]]


def _shown(text: str) -> tuple[list[Any], Any]:
    """Both cards of a draft, waiting and decided, and its editor."""
    finding = {"rule": text, "severity": "block", "reason": text, "span": text, "evidence": text}
    facts = {"company": {"name": text, "industry": text}, "deal": {"name": text, "stage": text}}
    events = [{"kind": text, "at": text, "subject": text, "count": None}]
    row = draft(
        subject=text,
        body=text,
        goal=text,
        findings=[finding],
        brief={**facts, "events": events},
        evidence=[{"sentence": text, "rests_on": [text]}],
    )
    to = contact(first_name=text, last_name=text, title=text)
    done = review(findings=[finding], reason=text, subject=text, body=text)
    messages = [render(row, to, each, adapter=None, zone=ZoneInfo("UTC")) for each in (None, done)]
    return messages, cards.edit_view(row, to, channel="C1", may_override=True)
