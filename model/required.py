"""Which facts a playbook may ask of a record, and how a missing one is called."""

import re
from datetime import timedelta
from typing import Any

from model.brief import Brief, Event
from model.yaml_file import meant

FACTS = {
    "contact.first_name": "their first name",
    "contact.last_name": "their last name",
    "contact.title": "their job title",
    "company": "their company",
    "company.industry": "their company's industry",
    "deal": "a deal",
    "deal.stage": "the deal's stage",
    "deal.amount": "the deal's amount",
    "deal.close_date": "the day the deal should close",
    "note": "a note about what to write",
}
EVENT = re.compile(r"event(?: of (?P<kinds>[a-z_]+(?: or [a-z_]+)*))?(?: within (?P<days>[1-9]\d{0,3}) days?)?")
EVENT_FORMS = ("event", "event within 30 days", "event of meeting or call", "event of form_submit within 14 days")
KINDS = {
    "email_sent": "an email of ours",
    "email_received": "an email from them",
    "email_open": "an opened email",
    "email_click": "a click in an email",
    "form_submit": "a form they filled in",
    "page_view": "a visit to our pages",
    "webinar_attended": "a webinar they attended",
    "event_attended": "an event they attended",
    "document_download": "a download",
    "product_usage": "use of the product",
    "stage_change": "a change of the deal's stage",
    "meeting": "a meeting",
    "call": "a call",
    "ticket": "a ticket",
    "note": "a note in the CRM",
}
NOT_THEIRS = frozenset({"email_sent", "stage_change", "note"})  # nothing that the contact did


def known(fact: str) -> str:
    """The fact itself. Raises ValueError with the remedy for one that no playbook can ask for."""
    if match := EVENT.fullmatch(fact):
        for kind in _kinds(match):
            suggestion = meant(kind, list(KINDS))
            if kind not in KINDS and suggestion.startswith("Did"):  # a CRM may have kinds of its own
                raise ValueError(f"it asks for events of an unknown kind, {kind!r}. {suggestion}")
        return fact
    if fact not in FACTS:
        raise ValueError(f"it is no fact that a playbook can ask for. {meant(fact, [*FACTS, *EVENT_FORMS])}")
    return fact


def kinds(fact: str) -> frozenset[str]:
    """The kinds of event that a fact asks for; empty for any other fact."""
    match = EVENT.fullmatch(fact)
    return _kinds(match) if match else frozenset()


def holds(fact: str, brief: Brief) -> bool:
    """Whether the brief has the fact."""
    if match := EVENT.fullmatch(fact):
        return any(_fits(event, match, brief) for event in brief.events)
    value: Any = brief
    for name in fact.split("."):
        value = getattr(value, name, None)
    return value is not None and value != ""


def words(fact: str) -> str:
    """The fact as a person calls it: "the deal's stage", "something they did in the last 30 days"."""
    match = EVENT.fullmatch(fact)
    if not match:
        return FACTS[fact]
    named = " or ".join(KINDS.get(kind, f"an event of the kind {kind}") for kind in _in_order(match))
    return (named or "something they did") + (f" in the last {match['days']} days" if match["days"] else "")


def _fits(event: Event, match: re.Match[str], brief: Brief) -> bool:
    wanted = _kinds(match)
    recent = not match["days"] or brief.at - event.at <= timedelta(days=int(match["days"]))
    return recent and (event.kind in wanted if wanted else event.kind not in NOT_THEIRS)


def _kinds(match: re.Match[str]) -> frozenset[str]:
    return frozenset(_in_order(match))


def _in_order(match: re.Match[str]) -> list[str]:
    return match["kinds"].split(" or ") if match["kinds"] else []
