"""What came back, as figures: rows of deliveries and answers to what `afterword outcomes` and App Home say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from model.outcomes import BASE, UNTRAINED, Sent, rate, rates, sentence
from storage import queries
from storage.tables import OutcomeKind, VoiceVersion

WINDOW = timedelta(weeks=26)
SAID = (OutcomeKind.positive, OutcomeKind.negative, OutcomeKind.question, OutcomeKind.other)
REPORTED = {"opened": "email_open", "clicked": "email_click"}


def sent(session: Session, *, workspace_id: int, now: datetime) -> list[Sent]:
    """The emails of half a year and what they earned. However often somebody wrote back, an email is answered once."""
    scope: dict[str, Any] = {"workspace_id": workspace_id, "since": now - WINDOW}
    voices = sorted(queries.voice_versions(session, workspace_id=workspace_id), key=lambda row: row.at)
    came: dict[int, list[queries.Came]] = {}
    for answer in queries.outcomes_since(session, **scope):
        came.setdefault(answer.draft_id, []).append(answer)
    return [_sent(row, came.get(row.draft_id, []), voices) for row in queries.sent_drafts(session, **scope)]


def _sent(row: queries.Sent, answers: Sequence[queries.Came], voices: Sequence[VoiceVersion]) -> Sent:
    kinds = {answer.kind for answer in answers}
    return Sent(
        author=_author(row),
        playbook=row.playbook,
        voice=_voice(row, voices),
        replied=any(answer.kind in SAID and not answer.automatic for answer in answers),
        positive=OutcomeKind.positive in kinds,
        unsubscribed=OutcomeKind.unsubscribe in kinds,
        bounced=OutcomeKind.bounce in kinds and kinds <= {OutcomeKind.bounce},
    )


def _author(row: queries.Sent) -> str:
    if row.adapter is not None:
        return f"adapter {row.adapter}"
    return BASE if row.control else UNTRAINED


def _voice(row: queries.Sent, voices: Sequence[VoiceVersion]) -> str:
    """The version that was in service when it was drafted."""
    moment = row.drafted_at or row.sent_at
    served = [voice.number for voice in voices if voice.at <= moment]
    return f"voice {served[-1]}" if served else "no voice file"


def figures(session: Session, *, workspace_id: int, now: datetime) -> dict[str, Any]:
    """What `afterword outcomes` says."""
    rows = sent(session, workspace_id=workspace_id, now=now)
    scope: dict[str, Any] = {"workspace_id": workspace_id, "since": now - WINDOW}
    kinds = Counter(str(answer.kind) for answer in queries.outcomes_since(session, **scope))
    return {
        "since": (now - WINDOW).date().isoformat(),
        "sentence": sentence(rows),
        "all": asdict(rate("all", rows)),
        "answers": {str(kind): kinds[str(kind)] for kind in OutcomeKind},
        "by_author": [asdict(each) for each in rates(rows, lambda row: row.author)],
        "by_playbook": [asdict(each) for each in rates(rows, lambda row: row.playbook)],
        "by_voice": [asdict(each) for each in rates(rows, lambda row: row.voice)],
        "reported_by_the_crm": {
            name: queries.reported_by_crm(session, **scope, kind=kind) for name, kind in REPORTED.items()
        },
    }


def shown(result: dict[str, Any]) -> str:
    """The same for people."""
    if not result["all"]["sent"]:
        return "No email has left yet, so nothing could be answered."
    lines = [f"Since {result['since']}: {_line(result['all'])}", result["sentence"]]
    for title, name in (("By author", "by_author"), ("By playbook", "by_playbook"), ("By voice", "by_voice")):
        lines += ["", f"{title}:", *(f"  {each['name']}: {_line(each)}" for each in result[name])]
    said = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in result["answers"].items() if count)
    crm = result["reported_by_the_crm"]
    reported = f"Reported by the CRM: {crm['opened']} opened, {crm['clicked']} clicked. Programs open emails too."
    return "\n".join([*lines, "", f"Answers: {said or 'none yet'}.", reported])


def _line(each: dict[str, Any]) -> str:
    if each["reply_rate"] is None:
        return f"{each['sent']} sent, all of them bounced"
    interval = f"{each['reply_rate']:.0%} answered ({each['low']:.0%} to {each['high']:.0%})"
    more = f"{each['positive']} said yes, {each['unsubscribed']} want no more, {each['bounced']} bounced"
    return f"{each['sent']} sent, {interval}, {more}"
