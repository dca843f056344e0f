"""App Home: shows it, and does what its buttons say. Each click is one compare-and-set; then it says what holds."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from bot import cards, digests, house_rules, steering
from bot.cards import Block, Ticket
from bot.listeners.deciding import Deciding
from bot.listeners.digesting import switch_on
from bot.listeners.services import Services, actor
from bot.rights import Action
from storage import queries
from storage.tables import Run

Do = Callable[[Session, int, str, str], str | None]  # session, workspace, person, value → what to say, if anything


def register(app: App, services: Services) -> None:
    listeners = AppHome(services)
    app.event("app_home_opened")(listeners.opened)
    app.action(re.compile(rf"^{cards.HOME_EDIT}:\d+$"))(listeners.edit)
    app.view(cards.HOME_EDIT_VIEW)(listeners.submit)
    app.action(cards.REFINE_NOW)(listeners.refine)
    app.action(cards.DIGEST_ADD)(listeners.add_digest)
    for action_id, action, do in (
        (cards.ROLL_BACK, Action.roll_back, listeners.roll_back),
        (cards.PAUSE, Action.pause, listeners.pause),
        (cards.RESUME, Action.pause, listeners.resume),
        (cards.OPT_OUT, Action.opt_out, listeners.opt_out),
        (cards.OPT_IN, Action.opt_out, listeners.opt_in),
        (re.compile(rf"^{cards.DIGEST_OFF}:\d+$"), Action.change_policy, listeners.end_digest),
        (re.compile(rf"^{cards.HOME_RULE_USE}:\d+$"), Action.decide_rule, listeners.rule(house_rules.accept)),
        (re.compile(rf"^{cards.HOME_RULE_NO}:\d+$"), Action.decide_rule, listeners.rule(house_rules.decline)),
        (re.compile(rf"^{cards.HOME_RULE_UNDO}:\d+$"), Action.decide_rule, listeners.rule(house_rules.undo)),
    ):
        app.action(action_id)(listeners.doing(action, do))


class AppHome:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._deciding = Deciding(services)

    # Showing ----------------------------------------------------------------------------------------------------

    def opened(self, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        if body["event"].get("tab", "home") == "home":
            self.publish(body, context, client)

    def publish(
        self, body: Mapping[str, Any], context: BoltContext, client: WebClient, notice: str | None = None
    ) -> None:
        """Show the person behind a payload their Home as it stands now.

        With the hash of the view that they see, where the payload has it: a conflict means that another click was
        shown meanwhile, so the rows are read again, once.
        """
        for known in dict.fromkeys((_hash(body), None)):
            try:
                view = self._view(body, context, notice)
                client.views_publish(user_id=actor(body), view=view, **({"hash": known} if known else {}))
                return
            except SlackApiError as error:
                if known is None or error.response["error"] != "hash_conflict":
                    raise

    def _view(self, body: Mapping[str, Any], context: BoltContext, notice: str | None) -> Block:
        shown = self._services.homes.home(
            self._services.workspace(context),
            actor(body),
            admin=self._services.refusal(Action.see_admin, body, context) is None,
            notice=notice,
        )
        return cards.home(shown)

    # Drafts -----------------------------------------------------------------------------------------------------

    def edit(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Open the editor of a draft that waits, or say why there is none."""
        ack()
        ticket = Ticket.parse(body["actions"][0]["value"])
        draft = self._deciding.draft(context, ticket)
        if refusal := self._services.refusal(Action.edit, body, context, draft):
            self.publish(body, context, client, notice=refusal)
            return
        may_override = self._services.refusal(Action.override, body, context, draft) is None
        view, trouble = self._deciding.editor(context, ticket, None, may_override=may_override)
        if view is None or trouble:
            self._services.posting()
            self.publish(body, context, client, notice=trouble["text"] if trouble else cards.NOT_FOUND)
            return
        self.open(body, context, client, {**view, "callback_id": cards.HOME_EDIT_VIEW})

    def open(self, body: Mapping[str, Any], context: BoltContext, client: WebClient, view: Block) -> None:
        try:
            client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            if error.response["error"] not in ("expired_trigger_id", "exchanged_trigger_id"):
                raise
            self.publish(body, context, client, notice=cards.OPEN_AGAIN)

    def submit(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any], client: WebClient
    ) -> None:
        """The editor was opened from here, so the draft leaves the list that lies behind it."""
        self._deciding.submit(ack, body, context, view)
        self.publish(body, context, client)

    # What the buttons do ----------------------------------------------------------------------------------------

    def doing(self, action: Action, do: Do) -> Callable[..., None]:
        """The listener of a button: may they, do it in one transaction, acknowledge, show what holds."""

        def listener(ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
            notice = self._services.refusal(action, body, context)
            if notice is None:
                workspace_id = self._services.workspace(context)
                with self._services.database.writing() as session:
                    notice = do(session, workspace_id, actor(body), body["actions"][0]["value"])
            ack()
            self._services.learning()
            self.publish(body, context, client, notice)

        return listener

    def roll_back(self, session: Session, workspace_id: int, who: str, value: str) -> str | None:
        now, adapter_id = self._services.clock(), int(value)
        done = steering.roll_back(session, workspace_id=workspace_id, adapter_id=adapter_id, who=who, now=now)
        return None if done else cards.ROLLED_BACK_ALREADY

    def pause(self, session: Session, workspace_id: int, who: str, _value: str) -> str | None:
        done = steering.pause(session, workspace_id=workspace_id, who=who, now=self._services.clock())
        return None if done else cards.PAUSED_ALREADY

    def resume(self, session: Session, workspace_id: int, who: str, _value: str) -> str | None:
        done = steering.resume(session, workspace_id=workspace_id, who=who)
        return None if done else cards.RESUMED_ALREADY

    def opt_out(self, session: Session, workspace_id: int, who: str, _value: str) -> None:
        steering.choose(session, workspace_id=workspace_id, user_id=who, learns=False)

    def opt_in(self, session: Session, workspace_id: int, who: str, _value: str) -> None:
        steering.choose(session, workspace_id=workspace_id, user_id=who, learns=True)

    def end_digest(self, session: Session, workspace_id: int, who: str, value: str) -> str:
        done = digests.end(session, workspace_id=workspace_id, channel=value, who=who)
        return cards.digest_off(value) if done else cards.digest_same(value, comes=False)

    def rule(self, decide: Callable[..., Any]) -> Do:
        """Decide about a learned rule. Whoever is second sees what the first decided."""

        def do(session: Session, workspace_id: int, who: str, value: str) -> str | None:
            now = self._services.clock()
            row = decide(session, workspace_id=workspace_id, rule_id=int(value), who=who, now=now)
            return cards.RULE_GONE if row is None else None

        return do

    def refine(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Train now: claim a run as the night does, and hand it to the same hands."""
        notice, run = self._services.refusal(Action.refine, body, context), None
        if notice is None:
            run, notice = self._claimed(self._services.workspace(context), actor(body))
        ack()
        if run:
            self._services.refining(run)
        self.publish(body, context, client, notice)

    def _claimed(self, workspace_id: int, who: str) -> tuple[Run | None, str | None]:
        with self._services.database.writing() as session:
            run = steering.refine_now(session, workspace_id=workspace_id, who=who, now=self._services.clock())
            row = queries.workspace_by_id(session, workspace_id=workspace_id)
        paused = row is not None and row.learning_paused_at is not None
        return run, None if run else cards.REFINE_PAUSED if paused else cards.REFINE_REFUSED

    def add_digest(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        notice = self._services.refusal(Action.change_policy, body, context)
        channel = body["actions"][0].get("selected_conversation")
        if notice or not channel:
            ack()
        else:
            notice = switch_on(self._services, context, client, channel, actor(body), ack)
        self.publish(body, context, client, notice)


def _hash(body: Mapping[str, Any]) -> str | None:
    """Of the Home that the person sees; a modal's is about something else."""
    view = body.get("view") or (body.get("event") or {}).get("view") or {}
    return view.get("hash") if view.get("type") == "home" else None
