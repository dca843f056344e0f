"""The voice, edited in a modal from App Home. A wrong text is refused at its line, and the last good one stays."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import cards, voices
from bot.listeners.home import AppHome
from bot.listeners.services import Services, actor
from bot.rights import Action
from model.yaml_file import FileMistake
from storage import queries
from storage.tables import VoiceVersion


def register(app: App, services: Services) -> None:
    listeners = Voicing(services)
    app.action(cards.VOICE_EDIT)(listeners.open_editor)
    app.view(cards.VOICE_VIEW)(listeners.save)
    app.action(cards.VOICE_BACK)(listeners.open_versions)
    app.view(cards.VOICE_BACK_VIEW)(listeners.go_back)


class Voicing:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._home = AppHome(services)

    def open_editor(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        notice, view = self._services.refusal(Action.edit_voice, body, context), None
        if notice is None:
            workspace_id = self._services.workspace(context)
            with self._services.database.reading() as session:
                view = cards.voice_view(queries.newest_voice(session, workspace_id=workspace_id))
        if view is None:
            self._home.publish(body, context, client, notice or cards.VOICE_TOO_LONG)
        else:
            self._home.open(body, context, client, view)

    def save(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any], client: WebClient
    ) -> None:
        """Check what was written, and put it into service if nobody was faster."""
        if refused := self._services.refusal(Action.edit_voice, body, context):
            ack(response_action="errors", errors={cards.VOICE_BLOCK: refused})
            return
        opened = self._version(context, int(view["private_metadata"]))
        values = view["state"]["values"]
        given = {block: found[cards.TEXT_ACTION]["value"] for block, found in values.items()}
        submitted = cards.voice_submitted(opened, given)
        if opened and submitted.text.strip() == opened.text.strip():
            ack()
            return
        try:
            saved = self._keep(body, context, submitted.text, after=int(view["private_metadata"]))
        except FileMistake as mistake:
            ack(response_action="errors", errors=cards.voice_errors(mistake, submitted))
            return
        if saved:
            ack()
        else:
            ack(response_action="update", view=cards.voice_late_view(submitted.text))
        self._home.publish(body, context, client)

    def open_versions(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        notice, versions = self._services.refusal(Action.edit_voice, body, context), None
        if notice is None:
            workspace_id = self._services.workspace(context)
            with self._services.database.reading() as session:
                versions = queries.voice_versions(session, workspace_id=workspace_id)
        if versions and len(versions) > 1:
            self._home.open(body, context, client, cards.voices_view(versions, self._services.zone))
        else:
            self._home.publish(body, context, client, notice)

    def go_back(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any], client: WebClient
    ) -> None:
        """An earlier version becomes the newest one, checked as if it had been written now."""
        chosen = view["state"]["values"][cards.VERSION_BLOCK][cards.TEXT_ACTION]["selected_option"]
        row = self._version(context, int(chosen["value"]))
        trouble = self._services.refusal(Action.edit_voice, body, context)
        if row and not trouble:
            try:
                saved = self._keep(body, context, row.text, after=int(view["private_metadata"]))
                trouble = None if saved else cards.VOICE_LATE
            except FileMistake as mistake:  # an older release could read it
                trouble = cards.clamp(mistake.mistakes[0], cards.FAULT)
        if trouble:
            ack(response_action="errors", errors={cards.VERSION_BLOCK: trouble})
            return
        ack()
        self._home.publish(body, context, client)

    def _version(self, context: BoltContext, number: int) -> VoiceVersion | None:
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            return queries.voice_version(session, workspace_id=workspace_id, number=number)

    def _keep(self, body: Mapping[str, Any], context: BoltContext, text: str, *, after: int) -> bool:
        with self._services.database.writing() as session:
            return voices.save(
                session,
                workspace_id=self._services.workspace(context),
                text=text,
                where=cards.VOICE_NAMED,
                who=actor(body),
                now=self._services.clock(),
                after=after,
            )
