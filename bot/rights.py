"""Who may do what. Pure: who somebody is and the workspace's policy in, None or the refusing sentence out.

docs/rights.md says it as a table, and a test holds every cell of that table.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.cards import rights as said
from bot.person_ids import PERSON
from storage.tables import Rights

SLACKBOT = "USLACKBOT"
ANYBODY, CHANNEL = "members", "channel"  # an audience is one of these, a user group's id, or people's ids
PEOPLE = re.compile(rf"{PERSON}(,{PERSON})*")
GROUP = re.compile(r"S[A-Z0-9]{2,}")


class Action(StrEnum):
    """Everything that a person can ask of Afterword in Slack."""

    draft = "draft"
    approve = "approve"
    edit = "edit"  # what is submitted goes out, so it is an approval
    override = "override"  # let out what a check blocks
    discard = "discard"
    regenerate = "regenerate"
    undo = "undo"  # take an approval back before anything is delivered
    decide_rule = "decide rule"
    roll_back = "roll back"
    promote = "promote"
    refine = "refine now"
    pause = "pause"
    edit_voice = "edit voice"
    change_policy = "change policy"
    see_admin = "see admin parts"
    opt_out = "opt out"  # of learning from one's own edits


ADMINS_ONLY = frozenset(
    {
        Action.roll_back,
        Action.promote,
        Action.refine,
        Action.pause,
        Action.edit_voice,
        Action.change_policy,
        Action.see_admin,
    }
)
APPROVALS = frozenset({Action.approve, Action.edit, Action.override})
# A no is heard although Slack does not say whose it is: to stop an email or the learning does no harm.
SAFE_UNKNOWN = frozenset({Action.undo, Action.opt_out})


class Standing(StrEnum):
    """What somebody is in the workspace that Afterword is installed in."""

    member = "member"
    guest = "guest"
    external = "external"  # from another organisation, met in a shared channel
    deactivated = "deactivated"
    bot = "bot"
    unknown = "unknown"  # Slack did not say


@dataclass(frozen=True)
class Person:
    user_id: str
    standing: Standing
    slack_admin: bool = False  # admin or owner of the workspace, or of the organisation


@dataclass(frozen=True)
class Policy:
    """A workspace's choices; the defaults hold until `afterword rights set`."""

    drafters: str = ANYBODY
    approvers: str = ANYBODY
    four_eyes: bool = False  # nobody approves what they asked for
    slack_admins: bool = True  # Slack's admins and owners are admins here
    named_admins: frozenset[str] = frozenset()  # AFTERWORD_ADMINS, who always are; they alone may override

    @classmethod
    def of(cls, row: Rights | None, named_admins: frozenset[str]) -> "Policy":
        """Where nobody has chosen, Slack's admins are admins only as long as none is named."""
        if row is None:
            return cls(slack_admins=not named_admins, named_admins=named_admins)
        slack_admins = not named_admins if row.slack_admins is None else row.slack_admins
        return cls(row.drafters, row.approvers, row.four_eyes, slack_admins, named_admins)


def person(user: Mapping[str, Any], home: str) -> Person:
    """Somebody as `users.info` describes them; `home` is the team or organisation that Afterword is installed in.

    `is_stranger` alone is not enough: it is false for people of another organisation whom a shared channel lets in.
    """
    org = user.get("enterprise_user") or {}
    homes = {user.get("team_id"), org.get("enterprise_id"), *(org.get("teams") or ())} - {None}
    if user.get("is_bot") or user["id"] == SLACKBOT:
        standing = Standing.bot
    elif user.get("is_stranger") or (homes and home not in homes):
        standing = Standing.external
    elif user.get("deleted"):
        standing = Standing.deactivated
    elif user.get("is_restricted") or user.get("is_ultra_restricted"):
        standing = Standing.guest
    else:
        standing = Standing.member
    leads = ("is_admin", "is_owner", "is_primary_owner")
    return Person(user["id"], standing, any(who.get(lead) for who in (user, org) for lead in leads))


def may(
    action: Action, who: Person, policy: Policy, *, asked_by: str | None = None, listed: bool | None = None
) -> str | None:
    """Why `who` may not, as the sentence to say; None when they may.

    `asked_by` is who asked for the draft in question. `listed` is whether `who` is in the user group or channel that
    `audience` names; None when Slack did not say.
    """
    if who.standing is Standing.unknown:
        return None if action in SAFE_UNKNOWN else said.UNKNOWN
    if who.standing is not Standing.member:
        return said.OUTSIDE[who.standing]
    if action is Action.override and who.user_id not in policy.named_admins:
        return said.NAMED_ONLY
    if action in ADMINS_ONLY:
        return None if _is_admin(who, policy) else said.ADMINS_ONLY
    if action is Action.opt_out:
        return None
    if action is Action.draft:
        return _outside(policy.drafters, who, listed, said.drafters)
    asked = asked_by == who.user_id
    if asked and action not in APPROVALS:
        return None
    if asked and policy.four_eyes:
        return said.FOUR_EYES
    return _outside(policy.approvers, who, listed, said.approvers)


def audience(action: Action, policy: Policy) -> str:
    """Who may do this: `members`, `channel`, a user group's id, or people's ids with commas."""
    return policy.drafters if action is Action.draft else policy.approvers


def read_audience(text: str, *, channel: bool) -> str:
    """An audience as it is kept. Raises ValueError with a sentence for anything else."""
    text = text.replace(" ", "").strip(",")
    if text == ANYBODY or (channel and text == CHANNEL) or GROUP.fullmatch(text) or PEOPLE.fullmatch(text):
        return text
    words = f"{ANYBODY} or {CHANNEL}" if channel else ANYBODY
    raise ValueError(
        f"{text!r} names nobody. Give {words}, ids of people such as U0123ABCD,U0456EFGH, or a group's S…."
    )


def _is_admin(who: Person, policy: Policy) -> bool:
    return who.user_id in policy.named_admins or (policy.slack_admins and who.slack_admin)


def _outside(allowed: str, who: Person, listed: bool | None, sentence: Mapping[str, str]) -> str | None:
    """Why somebody is not among those who are allowed."""
    if allowed == ANYBODY or who.user_id in allowed.split(","):
        return None
    kind = "channel" if allowed == CHANNEL else "group" if GROUP.fullmatch(allowed) else "people"
    if kind == "people" or listed is False:
        return sentence[kind]
    return None if listed else said.UNKNOWN_LIST[kind]
