"""What people here write to everybody: sentences that several customers got, each customer's own facts aside."""

from collections import defaultdict
from collections.abc import Iterable

from model.brief import Brief
from model.facts import sentences
from model.one_off import HOUSE
from model.prompt import parted
from model.slots import slotted


def house_sentences(emails: Iterable[tuple[str, Brief]]) -> frozenset[str]:
    """The slotted sentences that stand in emails to so many customers that they are nobody's facts."""
    accounts: dict[str, set[str]] = defaultdict(set)
    for text, brief in emails:
        for part in parted(text):
            for sentence in sentences(slotted(part, brief)):
                accounts[sentence].add(brief.account)
    return frozenset(sentence for sentence, known in accounts.items() if len(known) >= HOUSE)
