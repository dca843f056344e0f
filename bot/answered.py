"""An email that came in, as what the rules for answers read: only what was written for it."""

from bot.mail.arrived import Arrived
from model.replies import Reply, Report
from storage.crm.email_text import answered, html_to_text

LEAST = 20  # characters of a line of ours that an answer repeats; anybody may write a shorter one


def as_reply(mail: Arrived, sent: str) -> Reply:
    """The answer to an email of ours. Lines that stood in that are not taken for theirs, however they are quoted."""
    report = mail.report
    return Reply(
        text=own_text(mail, sent),
        subject=mail.subject,
        sender=f"{mail.sender_name} {mail.sender}",
        headers=mail.headers,
        report=Report(report.action, report.status, report.diagnostic) if report else None,
    )


def own_text(mail: Arrived, sent: str) -> str:
    """What its writer wrote, without quotes."""
    ours = {_plain(line) for line in sent.splitlines()}
    text = mail.text.strip() or html_to_text(mail.html)
    kept = [line for line in answered(text).splitlines() if len(_plain(line)) < LEAST or _plain(line) not in ours]
    return "\n".join(kept).strip()


def _plain(line: str) -> str:
    return " ".join(line.strip("> ").split())
