"""`afterword rights …`: who may do what in a workspace. What it is about stands in `bot/rights.py`."""

from argparse import Namespace
from typing import Any

from bot.commands import CommandError, now, opened, workspace_of
from bot.rights import CHANNEL, GROUP, Policy, read_audience
from bot.settings import Settings
from storage import queries
from storage.tables import Rights

__all__ = ["rights_set", "rights_show"]


def rights_show(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.reading() as session:
            row = queries.rights(session, workspace_id=workspace.id)
    return _shown(row, settings)


def rights_set(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    changes = _changes(arguments)
    if not changes:
        raise CommandError("Nothing to change. `afterword rights set --help` says what can be.")
    with opened(settings) as database:
        workspace = workspace_of(database, arguments)
        assert workspace.id is not None
        with database.writing() as session:
            row = queries.change_rights(
                session, workspace_id=workspace.id, who="command line", now=now(), changes=changes
            )
    return _shown(row, settings)


def _changes(arguments: Namespace) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    try:
        if arguments.draft is not None:
            changes["drafters"] = read_audience(arguments.draft, channel=False)
        if arguments.approve is not None:
            changes["approvers"] = read_audience(arguments.approve, channel=True)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if arguments.four_eyes is not None:
        changes["four_eyes"] = arguments.four_eyes == "yes"
    if arguments.admins is not None:
        changes["slack_admins"] = arguments.admins == "slack"
    return changes


def _shown(row: Rights | None, settings: Settings) -> dict[str, Any]:
    policy = Policy.of(row, settings.named_admins)
    return {
        "draft": policy.drafters,
        "approve": policy.approvers,
        "four_eyes": policy.four_eyes,
        "admins": "slack" if policy.slack_admins else "named",
        "named_admins": sorted(policy.named_admins),
        "scopes": _scopes(policy),
        "changed_by": row.changed_by if row else None,
        "changed_at": row.changed_at.isoformat() if row else None,
    }


def _scopes(policy: Policy) -> list[str]:
    """What the app needs beyond the manifest, so that these rights can be checked."""
    audiences = (policy.drafters, policy.approvers)
    groups = ["usergroups:read"] if any(GROUP.fullmatch(each) for each in audiences) else []
    return groups + (["channels:read", "groups:read"] if CHANNEL in audiences else [])
