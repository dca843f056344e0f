"""Held-out contexts to scorecards: what an editor would have had to change, by drafting through the serving engine."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain
from statistics import fmean
from typing import Any

from model.compose import Complete, Composed, compose
from model.edit_rate import loops, replayed_rate, words
from model.guardrails import check
from model.house import house_sentences
from model.one_off import HOUSE, VALUE, house_values
from model.pairs import Pair
from model.playbook import PLAIN, Playbook
from model.slots import house_phrases, slotted, values
from model.voice import Voice


@dataclass(frozen=True)
class Scorecard:
    """One arm over the held-out contexts; lists run parallel to them. Rates are between 0 and 1."""

    name: str
    edit_rates: list[float]
    length_ratio: float  # words drafted over words sent
    unfinished: float  # share of drafts that ran into the length limit
    missing: float  # share of drafts with a slot that the record could not fill
    looping: float  # share of drafts that say the same four words three times
    unsupported: float  # share of drafts with a number, address or link that neither record nor house has
    leaks: int  # drafts that name somebody else's customer
    found: list[frozenset[str]]  # rules that each draft breaks: what a reviewer would be warned of

    @property
    def edit_rate(self) -> float:
        return fmean(self.edit_rates)

    @property
    def findings(self) -> float:
        """Share of drafts with a finding."""
        return fmean(map(bool, self.found))

    @property
    def rules(self) -> dict[str, int]:
        """Rule → drafts that break it, the most frequent first."""
        return dict(Counter(chain.from_iterable(self.found)).most_common())

    def as_json(self) -> dict[str, Any]:
        means = {"edit_rate": self.edit_rate, "findings": self.findings, "rules": self.rules}
        return {**asdict(replace(self, found=[])), **means, "contexts": len(self.edit_rates)}


@dataclass(frozen=True)
class Known:
    """What a draft may say besides its own record: the house's values and sentences. And whom it must not name."""

    house: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()  # companies and full names of the accounts that were trained on


def known_from(train: list[Pair]) -> Known:
    """What several accounts' emails say beside their records is how the house writes; the rest belongs to somebody."""
    finals = [(pair.final, pair.brief) for pair in train if pair.final]
    phrases = house_phrases(finals)
    by_account: dict[str, str] = defaultdict(str)
    for pair in train:
        by_account[pair.account] += slotted(pair.final or "", pair.brief, phrases) + "\n"
    texts = list(by_account.values())
    people = (pair.brief.contact for pair in train)
    names = {f"{person.first_name} {person.last_name}" for person in people if person.first_name and person.last_name}
    names |= {pair.brief.company.name for pair in train if pair.brief.company}
    strangers = frozenset(name for name in names if sum(_stands(name, text) for text in texts) < HOUSE)
    return Known(house_values(texts), house_sentences(finals), strangers)


def score(
    name: str,
    contexts: list[Pair],
    voice: Voice,
    complete: Complete,
    known: Known,
    *,
    slots: bool,
    parallel: int,
    progress: Callable[[int, int], None],
    playbooks: Mapping[str, Playbook] = {},
) -> Scorecard:
    """Draft every context greedily, with its own playbook, and compare each draft with what a person sent."""
    done = 0

    def draft(context: Pair) -> Composed:
        nonlocal done
        book = playbooks.get(context.brief.playbook, PLAIN)
        composed = compose(context.brief, voice, complete, slots=slots, seed=0, temperature=0.0, playbook=book)
        done += 1
        progress(done, len(contexts))
        return composed

    with ThreadPoolExecutor(parallel) as pool:
        drafts = list(pool.map(draft, contexts))
    return scorecard(name, contexts, drafts, known, voice, playbooks)


def scorecard(
    name: str,
    contexts: list[Pair],
    drafts: list[Composed],
    known: Known,
    voice: Voice,
    playbooks: Mapping[str, Playbook] = {},
) -> Scorecard:
    """Pure: the figures of finished drafts."""
    finals = [context.final or "" for context in contexts]
    sent = sum(len(words(final)) for final in finals)
    return Scorecard(
        name=name,
        edit_rates=[replayed_rate(d.text, c.final, c.drafted) for d, c in zip(drafts, contexts, strict=True)],
        length_ratio=sum(len(words(d.text)) for d in drafts) / max(sent, 1),
        unfinished=fmean(not d.finished for d in drafts),
        missing=fmean(bool(d.missing) for d in drafts),
        looping=fmean(loops(d.body) for d in drafts),
        unsupported=fmean(_unsupported(d, c, known) for d, c in zip(drafts, contexts, strict=True)),
        leaks=sum(_leaks(d, c, known) for d, c in zip(drafts, contexts, strict=True)),
        found=[_rules(d, c, known, voice, playbooks) for d, c in zip(drafts, contexts, strict=True)],
    )


def _rules(
    draft: Composed, context: Pair, known: Known, voice: Voice, playbooks: Mapping[str, Playbook]
) -> frozenset[str]:
    """What the checks would find in service."""
    found = check(
        draft.subject,
        draft.body,
        context.brief,
        voice,
        playbook=playbooks.get(context.brief.playbook, PLAIN),
        house=known.sentences,
        finished=draft.finished,
    )
    return frozenset(finding.rule for finding in found)


def _unsupported(draft: Composed, context: Pair, known: Known) -> bool:
    """Whether it states a number, an address or a link that nobody gave it."""
    given = " ".join([*values(context.brief).values(), *(message["content"] for message in draft.messages)])
    found = (match.rstrip(".,:;") for match in VALUE.findall(draft.text))
    return any(value not in known.house and not _stands(value, given) for value in found)


def _leaks(draft: Composed, context: Pair, known: Known) -> bool:
    """Whether it names a customer it was trained on and who is not the one it writes to, shown or cut off."""
    written = f"{draft.text}\n{draft.completion}"
    own = " ".join([context.brief.model_dump_json(), *(message["content"] for message in draft.messages)])
    return any(_stands(name, written) and not _stands(name, own) for name in known.strangers)


def _stands(phrase: str, text: str) -> bool:
    """Whether the phrase stands in the text as whole words: "5" not in "2025", "Nord" not in "Nordic"."""
    return phrase in text and re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


def copying(contexts: list[Pair], old: list[Pair]) -> Scorecard:
    """The cheap rival: send the old mail whose occasion was most alike, as it is."""
    texts = [_nearest(context, old).final or "" for context in contexts]
    rates = [replayed_rate(text, c.final, c.drafted) for text, c in zip(texts, contexts, strict=True)]
    return Scorecard("copying an old mail", rates, 1.0, 0.0, 0.0, 0.0, 0.0, 0, [frozenset()] * len(rates))


def _nearest(context: Pair, old: list[Pair]) -> Pair:
    goal = set(context.brief.goal.lower().split())
    kind = context.brief.events[0].kind if context.brief.events else None

    def likeness(pair: Pair) -> tuple[float, bool]:
        other = set(pair.brief.goal.lower().split())
        newest = pair.brief.events[0].kind if pair.brief.events else None
        return len(goal & other) / max(len(goal | other), 1), newest == kind

    return max(old, key=likeness)
