"""From an email as it lay in a mailbox to one that shows how its writer writes, or the reason why it does not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from storage.crm.csv_files import RAW_LIMIT
from storage.crm.email_repeats import Alikes, Endings
from storage.crm.email_text import FOOTER, QUOTED, SIGNATURE, cleaned, is_automatic
from storage.crm.records import EmailRow, Reject

FEWEST_WORDS = 8
MOST_WORDS = 250


class EmailCleaning:
    """The cleaning of one file. `learn` sees every email before the first one is cleaned."""

    def __init__(self) -> None:
        self.removed = Counter(
            dict.fromkeys((QUOTED, SIGNATURE, FOOTER), 0)
        )  # kind of text → emails of the import that it was removed from
        self.nearly_the_same = 0
        self._endings = Endings()
        self._alikes = Alikes()

    def learn(self, row: EmailRow) -> None:
        """Count the last lines, so that what a sender's mail program adds to every email can be told from the text."""
        self._endings.add(row.from_email or "", cleaned(row.body).text)

    def clean(self, row: EmailRow, names: Iterable[str]) -> EmailRow | Reject:
        """The email with its writer's own words alone. `names` are the recipient's, for telling a bulk email."""
        if is_automatic(row.subject):
            return _reject(row, "is an automatic message and not an email that somebody wrote; leave it out")
        own = cleaned(row.body)
        sender = row.from_email or ""
        text = self._endings.cut(sender, own.text)
        words = len(text.split())
        if not words:
            return _reject(row, "holds only quoted or forwarded text, nothing of the sender's own; leave it out")
        if words < FEWEST_WORDS:
            return _reject(row, f"has {words} words of its own; fewer than {FEWEST_WORDS} show no voice")
        if words > MOST_WORDS:
            return _reject(row, f"has {words} words; more than {MOST_WORDS} are no model for a follow-up")
        if self._alikes.too_many(row.source_id, sender, row.subject, text, names):
            self.nearly_the_same += 1
            return _reject(row, "is nearly the same as two others of this sender; more of them would drown the voice")
        self.removed.update(own.removed | ({SIGNATURE} if text != own.text else set()))
        return replace(row, body=text)


def _reject(row: EmailRow, reason: str) -> Reject:
    return Reject(row.line, reason, f"{row.to_email},{row.subject},{row.body}"[:RAW_LIMIT])
