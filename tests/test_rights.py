"""Who may do what, cell by cell. The tables of docs/rights.md are the specification, and every cell is tested."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.rights import Action, Person, Policy, Standing, audience, may, person, read_audience
from storage.tables import Rights
from tests.slack import member

PAGE = Path(__file__).parent.parent / "docs" / "rights.md"
ASKER, OTHER = "U0ASKER", "U0OTHER"
ANSWER = {"yes": True, "no": False}

MEMBER = Person("U0MEMBER", Standing.member)
ROLES = {
    "full member": MEMBER,
    "who asked for the draft": Person(ASKER, Standing.member),
    "admin or owner in Slack": Person("U0BOSS", Standing.member, slack_admin=True),
    "in `AFTERWORD_ADMINS`": Person("U0NAMED", Standing.member),
    "guest": Person("U0GUEST", Standing.guest),
    "from another organisation": Person("U0OUTSIDE", Standing.external),
    "deactivated": Person("U0GONE", Standing.deactivated),
    "bot": Person("U0BOT", Standing.bot),
    "Slack does not say": Person("U0WHO", Standing.unknown),
}
DEFAULT = Policy(named_admins=frozenset({"U0NAMED"}))


def table(first: str) -> Iterator[dict[str, str]]:
    """The rows of the table in the docs whose header starts so, by the names of its columns."""
    lines = PAGE.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(first))
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in _block(lines[start:])]
    return (dict(zip(header, row, strict=True)) for row in rows)


def _block(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield line


MATRIX = [(row[""], role, ANSWER[cell]) for row in table("| | full member") for role, cell in row.items() if role]


def test_the_matrix_has_every_action_and_every_role() -> None:
    assert {(action, role) for action, role, _ in MATRIX} == {(str(a), role) for a in Action for role in ROLES}
    assert {who.standing for who in ROLES.values()} == set(Standing)


@pytest.mark.parametrize(("action", "role", "allowed"), MATRIX)
def test_by_default(action: str, role: str, allowed: bool) -> None:
    refusal = may(Action(action), ROLES[role], DEFAULT, asked_by=ASKER)
    assert (refusal is None) == allowed, refusal


# What a workspace chooses -----------------------------------------------------------------------------------------

LISTED = "U0LISTED"
APPROVERS = {"members": "members", "people": f"U0FIRST,{LISTED}", "group": "S0REVIEW", "channel": "channel"}
CASES = {  # who it is, who asked, whether Slack has them on the list
    "another member": (OTHER, ASKER, False),
    "who asked": (ASKER, ASKER, False),
    "somebody on the list": (LISTED, ASKER, True),
    "on the list, asked": (LISTED, LISTED, True),
    "Slack does not say who is on it": (OTHER, ASKER, None),
}
CHOICES = [
    (row["`--approve`"], row["`--four-eyes`"], action, case, ANSWER[row[case]])
    for row in table("| `--approve`")
    for action in row["actions"].split(", ")
    for case in CASES
]


def test_every_choice_is_in_the_table() -> None:
    seen = {(approve, eyes) for approve, eyes, action, *_ in CHOICES if action == "approve"}
    assert seen == {(approve, eyes) for approve in APPROVERS for eyes in ("yes", "no")}
    bound = {Action(action) for _, _, action, *_ in CHOICES}
    assert bound == {Action.approve, Action.edit, Action.discard, Action.regenerate, Action.undo, Action.decide_rule}


@pytest.mark.parametrize(("approve", "four_eyes", "action", "case", "allowed"), CHOICES)
def test_by_choice(approve: str, four_eyes: str, action: str, case: str, allowed: bool) -> None:
    who, asked_by, listed = CASES[case]
    policy = Policy(approvers=APPROVERS[approve], four_eyes=ANSWER[four_eyes])
    refusal = may(Action(action), Person(who, Standing.member), policy, asked_by=asked_by, listed=listed)
    assert (refusal is None) == allowed, refusal


@pytest.mark.parametrize("role", [role for role, who in ROLES.items() if who.standing is not Standing.member])
@pytest.mark.parametrize("chosen", [*APPROVERS.values(), "U0GUEST,U0OUTSIDE,U0BOT"])
def test_no_choice_lets_an_outsider_approve(role: str, chosen: str) -> None:
    policy = Policy(drafters=chosen, approvers=chosen, named_admins=frozenset({ROLES[role].user_id}))
    for action in Action:
        allowed = may(action, ROLES[role], policy, asked_by=ROLES[role].user_id, listed=True) is None
        assert not allowed or (role == "Slack does not say" and action in (Action.undo, Action.opt_out))


@pytest.mark.parametrize(("drafters", "listed", "allowed"), [
    ("members", None, True),
    (OTHER, None, True),
    ("U0FIRST", None, False),
    ("S0SALES", True, True),
    ("S0SALES", False, False),
    ("S0SALES", None, False),
])  # fmt: skip
def test_who_may_ask_for_drafts_is_a_choice_of_its_own(drafters: str, listed: bool | None, allowed: bool) -> None:
    policy = Policy(drafters=drafters)
    assert audience(Action.draft, policy) == drafters and audience(Action.edit, policy) == "members"
    assert (may(Action.draft, Person(OTHER, Standing.member), policy, listed=listed) is None) == allowed
    assert may(Action.approve, Person(OTHER, Standing.member), policy) is None


@pytest.mark.parametrize("four_eyes", [True, False])
def test_an_override_is_an_approval_too(four_eyes: bool) -> None:
    named = Policy(approvers=OTHER, four_eyes=four_eyes, named_admins=frozenset({OTHER, LISTED}))
    assert may(Action.override, Person(LISTED, Standing.member), named, asked_by=ASKER), "named, yet no approver"
    refusal = may(Action.override, Person(OTHER, Standing.member), named, asked_by=OTHER)
    assert bool(refusal) == four_eyes


# Who is admin -----------------------------------------------------------------------------------------------------


def chosen(slack_admins: bool | None) -> Rights:
    return Rights(workspace_id=1, changed_by="", slack_admins=slack_admins)


@pytest.mark.parametrize(("row", "named", "allowed"), [
    (None, "", True),
    (None, "U0NAMED", False),
    (chosen(None), "", True),
    (chosen(None), "U0NAMED", False),
    (chosen(True), "U0NAMED", True),
    (chosen(False), "", False),
])  # fmt: skip
def test_slacks_admins_lead_until_somebody_is_named(row: Rights | None, named: str, allowed: bool) -> None:
    policy = Policy.of(row, frozenset({named} - {""}))
    assert (may(Action.pause, ROLES["admin or owner in Slack"], policy) is None) == allowed
    assert may(Action.pause, MEMBER, policy)


# Who somebody is --------------------------------------------------------------------------------------------------


def grid(team: str, org: str, *teams: str, **more: Any) -> dict[str, Any]:
    return {"team_id": team, "enterprise_user": {"enterprise_id": org, "teams": list(teams), **more}}


@pytest.mark.parametrize(("changes", "home", "standing"), [
    ({}, "T1", Standing.member),
    ({"is_restricted": True}, "T1", Standing.guest),
    ({"is_restricted": True, "is_ultra_restricted": True}, "T1", Standing.guest),
    ({"is_stranger": True}, "T1", Standing.external),
    ({"team_id": "T2"}, "T1", Standing.external),
    ({"team_id": "T2", "is_stranger": False}, "T1", Standing.external),
    ({"deleted": True}, "T1", Standing.deactivated),
    ({"is_bot": True}, "T1", Standing.bot),
    ({"id": "USLACKBOT"}, "T1", Standing.bot),
    (grid("T2", "E1", "T1", "T2"), "T1", Standing.member),
    (grid("T2", "E1", "T2"), "T1", Standing.external),
    (grid("T2", "E1", "T2"), "E1", Standing.member),
    (grid("T9", "E9", "T9"), "E1", Standing.external),
])  # fmt: skip
def test_who_somebody_is(changes: dict[str, Any], home: str, standing: Standing) -> None:
    assert person(member("U0ROBIN", **changes), home).standing is standing


@pytest.mark.parametrize("changes", [
    {"is_admin": True},
    {"is_owner": True},
    {"is_primary_owner": True},
    grid("T1", "E1", "T1", is_owner=True),
])  # fmt: skip
def test_who_leads_the_workspace_or_the_organisation(changes: dict[str, Any]) -> None:
    assert person(member("U0ROBIN", **changes), "T1").slack_admin
    assert not person(member("U0ROBIN"), "T1").slack_admin


@pytest.mark.parametrize(("text", "kept"), [
    ("members", "members"),
    ("channel", "channel"),
    ("S0123ABCD", "S0123ABCD"),
    ("U0123ABCD, W0456EFGH", "U0123ABCD,W0456EFGH"),
])  # fmt: skip
def test_an_audience_is_read(text: str, kept: str) -> None:
    assert read_audience(text, channel=True) == kept


@pytest.mark.parametrize("text", ["", "everybody", "robin", "U0123ABCD,S0123ABCD", "C0123ABCD", "@robin"])
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names nobody"):
        read_audience(text, channel=True)


def test_only_approving_goes_by_the_channel() -> None:
    with pytest.raises(ValueError, match="names nobody"):
        read_audience("channel", channel=False)
