"""Calls the listeners with what Teams sends, and takes down what they answer.

It is registered to like Slack's app, and gives each listener what it names. What Slack would be told by an
acknowledgement, a response address or a new modal is collected, since Teams takes one answer for all of it.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cards import Block

Listener = Callable[..., Any]
Key = str | re.Pattern[str]


@dataclass
class Outcome:
    """What a listener answered."""

    acked: dict[str, Any] = field(default_factory=dict)
    told: list[Block] = field(default_factory=list)
    instead: Block | None = None  # takes the place of what was clicked on
    opened: Block | None = None  # a form

    def ack(self, **given: Any) -> None:
        self.acked = given

    def respond(self, *, replace_original: bool = False, **shown: Any) -> None:
        if replace_original:
            self.instead = shown
        else:
            self.told.append(shown)


@dataclass(frozen=True)
class Context:
    """Where a payload comes from, as the listeners read it."""

    team_id: str
    enterprise_id: None = None
    is_enterprise_install: bool = False
    authorize_result: None = None


class Opener:
    """The client that a listener is given: a form is opened by the answer, the rest is Teams' business."""

    def __init__(self, outcome: Outcome, client: Any) -> None:
        self._outcome = outcome
        self._client = client

    def views_open(self, *, view: Block, **_: Any) -> dict[str, Any]:
        self._outcome.opened = view
        return {"view": {"id": "", "hash": ""}}

    def views_update(self, *, view: Block, **_: Any) -> None:
        self._outcome.opened = view

    def chat_postMessage(self, **message: Any) -> Any:  # Slack's name
        return self._client.chat_postMessage(**message)


class Router:
    """The listeners by what they listen to."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._commands: list[tuple[Sequence[Callable[[Mapping[str, Any]], bool]], Listener]] = []
        self._actions: list[tuple[Key, Listener]] = []
        self._views: dict[str, Listener] = {}

    def command(self, _name: str, matchers: Sequence[Callable[[Mapping[str, Any]], bool]] = ()) -> Callable[..., None]:
        return lambda listener: self._commands.append((matchers, listener))

    def action(self, key: Key) -> Callable[..., None]:
        return lambda listener: self._actions.append((key, listener))

    def view(self, callback_id: str) -> Callable[..., None]:
        return lambda listener: self._views.update({callback_id: listener})

    def on_command(self, body: Mapping[str, Any], context: Context) -> Outcome:
        first = (each for matchers, each in self._commands if all(matches(body) for matches in matchers))
        return self._call(next(first, None), body, context)

    def on_action(self, body: Mapping[str, Any], context: Context) -> Outcome:
        name = body["actions"][0]["action_id"]
        return self._call(next((each for key, each in self._actions if _fits(key, name)), None), body, context)

    def on_view(self, body: Mapping[str, Any], context: Context) -> Outcome:
        return self._call(self._views.get(body["view"]["callback_id"]), body, context)

    def _call(self, listener: Listener | None, body: Mapping[str, Any], context: Context) -> Outcome:
        outcome = Outcome()
        if listener is None:  # a button of an older version
            return outcome
        given = {
            "ack": outcome.ack,
            "respond": outcome.respond,
            "client": Opener(outcome, self._client),
            "body": body,
            "view": body.get("view"),
            "context": context,
        }
        listener(**{name: given[name] for name in inspect.signature(listener).parameters if name in given})
        return outcome


def _fits(key: Key, name: str) -> bool:
    return key == name if isinstance(key, str) else key.match(name) is not None
