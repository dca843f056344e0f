"""What Slack's errors mean: try later, speak elsewhere, or give up."""

import socket
from collections.abc import Callable
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

RETRY_AFTER = 30.0  # where Slack asks for patience without saying how much

# The bot may not speak in this place; a direct message still arrives.
CLOSED = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "external_channel_migrating",
    }
)
# The message that was the card cannot be changed any more.
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "streaming_state_conflict"})
# Nothing can be said until somebody repairs the installation.
LOCKED_OUT = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
# Slack's own trouble.
PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "update_failed",
    }
)


class Refused(Exception):
    """Slack's final no, by its name for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotNow(Exception):
    """The same call may succeed later, after `seconds` where Slack said so."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Unclear(NotNow):
    """The connection broke off, and nobody knows whether the call arrived."""


class LockedOut(NotNow):
    """Slack does not accept the token; an admin has to act before anything succeeds."""


def call(method: Callable[..., Any], **arguments: Any) -> Any:
    """Call a Web API method. Raises Refused, NotNow, Unclear or LockedOut, and nothing else of Slack's."""
    try:
        return method(**arguments)
    except SlackApiError as error:
        raise meaning(error) from None
    except (SlackClientError, OSError) as error:
        never_sent = isinstance(getattr(error, "reason", None), ConnectionRefusedError | socket.gaierror)
        raise (NotNow if never_sent else Unclear)(f"Slack is out of reach ({type(error).__name__})") from None


def meaning(error: SlackApiError) -> Refused | NotNow:
    """What an answer that is not ok calls for."""
    reason, status, headers = _read(error.response)
    if status == 429:
        return NotNow(reason, _seconds(headers))
    if reason in LOCKED_OUT:
        return LockedOut(reason)
    if reason in PASSING or status >= 500:
        return NotNow(reason)
    return Refused(reason)


def _read(response: Any) -> tuple[str, int, dict[str, str]]:
    """Reason, status and headers. Slack's client gives a bare dict where the answer was not JSON."""
    if isinstance(response, dict):
        return f"HTTP {response.get('status')}", int(response.get("status") or 500), dict(response.get("headers") or {})
    return str(response.get("error", "unknown")), int(response.status_code), dict(response.headers)


def _seconds(headers: dict[str, str]) -> float:
    lower = {name.lower(): value for name, value in headers.items()}
    value = lower.get("retry-after", "")
    return max(1.0, float(value)) if value.isdigit() else RETRY_AFTER
