"""What Teams sends, answered: a message, or a press of a button on a card. Knows activities, not the SDK."""

import logging
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot import cards, posting
from bot.cards import Block, rights
from bot.listeners import asking, deciding, delivering, digesting, menu, ruling
from bot.listeners.services import Services
from bot.teams import adaptive, payloads
from bot.teams.client import Client
from bot.teams.payloads import Activity, Heard
from bot.teams.router import Context, Outcome, Router
from storage import queries

log = logging.getLogger(__name__)

PARTS = (digesting, asking, deciding, menu, delivering, ruling)  # digesting takes its words before asking does
HELP = ("", *asking.HELP)
CARD = "application/vnd.microsoft.card.adaptive"
LINE = "application/vnd.microsoft.activity.message"

Answer = dict[str, Any]  # of a press: a card in place of the one that was pressed, or a line


@dataclass(frozen=True)
class Tenant:
    """Whose people are heard. `home` is the team id of their workspace: the tenant's own, or a Slack workspace's that
    it is linked to, so that both share contacts, edits and adapters."""

    id: str
    home: str

    @classmethod
    def of(cls, tenant: str, linked: str | None) -> "Tenant":
        return cls(tenant.lower(), linked or f"{queries.TEAMS}{tenant.lower()}")


class Desk:
    """`client` gives Teams' client of a workspace; `accepts` whether an address may be spoken to."""

    def __init__(
        self,
        services: Services,
        tenant: Tenant,
        client: Callable[[int], Client],
        accepts: Callable[[str], bool] = lambda _service_url: True,
    ) -> None:
        self._services = services
        self._tenant = tenant
        self._client = client
        self._accepts = accepts
        self._context = Context(tenant.home)

    # A message ----------------------------------------------------------------------------------------------------

    def message(self, activity: Activity) -> None:
        """Answer a message; what it asks for stands in a row before this returns."""
        said = self._heard(activity)
        if said is None:
            return
        text, client = payloads.command(activity), self._remembered(said)
        if text is None and not said.personal:
            return  # somebody mentioned the bot and asked for nothing
        try:
            shown = self._command(said, text or "", activity, client)
        except Exception as error:
            shown = [_broken(error)]
        for each in shown:
            self._say_alone(said, client, each)

    def _command(self, said: Heard, text: str, activity: Activity, client: Client) -> list[Block]:
        if text.lower() in HELP:
            return [cards.usage(forms=False)]
        outcome = self._router(client).on_command(payloads.command_payload(said, text, activity), self._context)
        return [*([outcome.acked] if outcome.acked else []), *outcome.told]

    def _say_alone(self, said: Heard, client: Client, shown: Block) -> None:
        """To the person alone, since such an answer may show what the CRM knows."""
        if said.personal:
            client.chat_postMessage(channel=said.channel, text=shown["text"], blocks=shown["blocks"])
            return
        with self._services.database.reading() as session:
            known = queries.teams_member(session, workspace_id=self._workspace(), user_id=said.user_id)
        shown = shown if known and known.direct else cards.alone()
        channel = known.direct if known and known.direct else said.channel
        client.chat_postMessage(channel=channel, text=shown["text"], blocks=shown["blocks"])

    # A press ------------------------------------------------------------------------------------------------------

    def press(self, activity: Activity) -> Answer:
        """Answer a button or a submitted form. Nothing here waits for the model."""
        said = self._heard(activity)
        if said is None:
            return _line(rights.OUTSIDE["external"])
        client = self._remembered(said)
        data = activity["value"]["action"].get("data") or {}
        try:
            return self._answer(said, self._pressed(said, data, client), str(activity.get("replyToId") or ""))
        except Exception as error:
            return _line(_broken(error)["text"])

    def _pressed(self, said: Heard, data: dict[str, Any], client: Client) -> Outcome:
        router = self._router(client)
        if data.get("action") == adaptive.SUBMIT:
            return router.on_view(payloads.submission_payload(said, data), self._context)
        if data.get("action") in (adaptive.SHOW, None):
            return Outcome()
        return router.on_action(payloads.click_payload(said, data), self._context)

    def _answer(self, said: Heard, outcome: Outcome, message: str) -> Answer:
        with self._services.database.reading() as session:
            names = queries.teams_names(session, workspace_id=self._workspace())
        view = outcome.opened or outcome.acked.get("view")
        if view:
            return _card(adaptive.form(view, names))
        if errors := outcome.acked.get("errors"):  # a line leaves the form, and what was typed into it, as it is
            return _line("\n".join(errors.values()))
        if outcome.instead:
            return _card(adaptive.card(outcome.instead["blocks"], names))
        if outcome.told:
            return _line("\n".join(adaptive.told(each, names) for each in outcome.told))
        return self._now(said, message)

    def _now(self, said: Heard, message: str) -> Answer:
        """The card as its row stands now."""
        scope = {"workspace_id": self._workspace()}
        with self._services.database.reading() as session:
            draft = queries.draft_shown_in(session, **scope, channel=said.channel, message_ts=message)
            if draft is None:
                return _line(cards.NOT_FOUND)
            *_, shown = posting.standing(session, draft, self._services.zone)
            names = queries.teams_names(session, **scope)
            watchers = queries.teams_watchers(session, **scope, channel=said.channel)
        decidable = any(block.get("block_id") == cards.DECISION_BLOCK for block in shown["blocks"])
        return _card(adaptive.card(shown["blocks"], names, watchers=watchers if decidable else ()))

    # Who and where ------------------------------------------------------------------------------------------------

    def _heard(self, activity: Activity) -> Heard | None:
        """Who says something, if they are of this tenant; whether they may do it is asked by each listener."""
        said = payloads.heard(activity)
        if said is None or said.tenant != self._tenant.id or not self._accepts(said.service_url):
            log.warning("an activity from elsewhere was not heard: tenant %s", said.tenant if said else "unknown")
            return None
        return said

    def _remembered(self, said: Heard) -> Client:
        """The client of the workspace, which from now on knows how to answer here."""
        workspace_id = self._workspace()
        place, member = said.rows(workspace_id)
        with self._services.database.reading() as session:
            known = queries.teams_conversation(session, workspace_id=workspace_id, channel=said.channel)
            person = queries.teams_member(session, workspace_id=workspace_id, user_id=said.user_id)
        if known != place or person is None or (person.mri, person.channel) != (member.mri, member.channel):
            with self._services.database.writing() as session:
                queries.remember_teams(session, place=place, member=member)
        return self._client(workspace_id)

    def _workspace(self) -> int:
        return self._services.workspace(self._context)  # type: ignore[arg-type]  # it is read alike

    def _router(self, client: Client) -> Router:
        router = Router(client)
        for part in PARTS:
            part.register(router, self._services)
        return router


def _card(card: adaptive.Card) -> Answer:
    return {"statusCode": 200, "type": CARD, "value": card}


def _line(text: str) -> Answer:
    return {"statusCode": 200, "type": LINE, "value": text}


def _broken(error: Exception) -> Block:
    """The message of an unexpected error may quote an email, so the log gets its type and place."""
    reference = secrets.token_hex(4)
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("a listener failed, reference %s: %s\n%s", reference, type(error).__name__, place)
    return cards.broken(reference)
