"""Deciding about a learned rule: use it, decline it, take it back."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond

from bot import cards, house_rules
from bot.listeners.services import Services, replace, tell
from bot.rights import Action
from storage.tables import Rule

Decide = Callable[..., Rule | None]


def register(app: App, services: Services) -> None:
    listeners = Ruling(services)
    app.action(cards.RULE_USE)(listeners.use_rule)
    app.action(cards.RULE_NO)(listeners.decline_rule)
    app.action(cards.RULE_UNDO)(listeners.undo_rule)


class Ruling:
    def __init__(self, services: Services) -> None:
        self._services = services

    def use_rule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._rule(house_rules.accept, ack, body, context, respond)

    def decline_rule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._rule(house_rules.decline, ack, body, context, respond)

    def undo_rule(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        self._rule(house_rules.undo, ack, body, context, respond)

    def _rule(self, decide: Decide, ack: Ack, body: Mapping[str, Any], context: BoltContext, respond: Respond) -> None:
        """Decide in one transaction. The card then says what holds, also to whoever came second."""
        if refusal := self._services.refusal(Action.decide_rule, body, context):
            ack()
            tell(respond, cards.notice(refusal))
            return
        rule_id = int(body["actions"][0]["value"])
        workspace_id, now = self._services.workspace(context), self._services.clock()
        with self._services.database.writing() as session:
            row = decide(session, workspace_id=workspace_id, rule_id=rule_id, who=body["user"]["id"], now=now)
        ack()
        self._services.learning()
        if row is None:
            tell(respond, cards.notice(cards.RULE_GONE))
        else:
            replace(respond, house_rules.rule_card(row, self._services.zone))
