"""The form that asks for a draft: opened by the command alone, a shortcut or a button; searched, filled, submitted."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from bot import briefs, cards, checking, drafting, leads, recipients
from bot.cards import Block, Book, Candidate, Chosen, Origin, Place, Typed
from bot.filled import Filled, filled
from bot.listeners.services import Services, team, tell
from bot.occasions import occasion
from bot.rights import Action
from model.playbook import missing
from storage import queries
from storage.tables import Contact

log = logging.getLogger(__name__)

QUICK_SECONDS = 0.15  # a form that is there by then needs no “one moment” before it
FOUND = 20  # contacts that the search offers
LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
OVERTAKEN = frozenset({"hash_conflict", "not_found", "view_not_found"})  # changed again meanwhile, or closed


@dataclass(frozen=True)
class Opening:
    """How a form begins."""

    origin: Origin
    note: str = ""  # what a message says
    contact: Callable[[Session, int], Contact | None] = lambda _session, _workspace_id: None  # whom it names


def register(app: App, services: Services) -> None:
    listeners = NewDraft(services)
    app.action(cards.OPEN_NEW)(listeners.button)
    app.options(cards.CONTACT)(listeners.search)
    app.action(cards.CONTACT)(listeners.choose)
    app.action(cards.LEAD)(listeners.choose)
    app.view(cards.NEW_VIEW)(listeners.submit)


class NewDraft:
    def __init__(self, services: Services) -> None:
        self._services = services

    # Opening ----------------------------------------------------------------------------------------------------

    def button(
        self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient, respond: Respond
    ) -> None:
        """The button under the help."""
        ack()
        origin = Origin(Place(body["channel"]["id"]), body.get("response_url"))
        self.open(client, body, context, Opening(origin), respond)

    def open(
        self,
        client: WebClient,
        body: Mapping[str, Any],
        context: BoltContext,
        opening: Opening,
        respond: Respond | None,
    ) -> None:
        """Open the form while the trigger lives; a slow look through the CRM comes after a “one moment”."""
        refusal, trigger_id = self._services.refusal(Action.draft, body, context), body["trigger_id"]
        workspace_id = self._services.workspace(context, body.get("team_domain"))
        try:
            if refusal:
                client.views_open(trigger_id=trigger_id, view=cards.told_view("No draft", refusal))
                return
            coming = self._services.looking.submit(self._form, workspace_id, opening)
            try:
                client.views_open(trigger_id=trigger_id, view=coming.result(QUICK_SECONDS))
            except TimeoutError:
                opened = client.views_open(trigger_id=trigger_id, view=cards.one_moment())
                _update(client, opened["view"], coming.result())
        except SlackApiError as error:
            if error.response["error"] not in LATE:
                raise
            log.warning("a form was not opened in time: %s", error.response["error"])
            if respond is not None:
                tell(respond, cards.notice(cards.OPEN_ASK_AGAIN))

    def _form(self, workspace_id: int, opening: Opening) -> Block:
        with self._services.database.reading() as session:
            if not queries.any_contact(session, workspace_id=workspace_id):
                return cards.nobody_yet()
            contact = opening.contact(session, workspace_id)
            chosen = self._chosen(session, contact) if contact else None
            next_up = [] if chosen else self._leads(session, workspace_id)
        typed = Typed(note=opening.note)
        return self._view(opening.origin, chosen, typed, next_up)

    def _view(self, origin: Origin, chosen: Chosen | None, typed: Typed, next_up: Sequence[Candidate] = ()) -> Block:
        books = sorted(self._services.playbooks.values(), key=lambda book: book.title)
        shown = [Book(book.name, book.title, book.when_to_use) for book in books]
        default = briefs.DEFAULT_PLAYBOOK
        return cards.new_draft(origin, shown, default=default, leads=next_up, chosen=chosen, typed=typed)

    def _leads(self, session: Session, workspace_id: int) -> list[Candidate]:
        services = self._services
        found = leads.next_up(session, workspace_id=workspace_id, now=services.clock(), zone=services.zone)
        return [
            Candidate(cards.choice(lead.contact, lead.company), [reason.text for reason in lead.score.reasons])
            for lead in found
        ]

    def _chosen(self, session: Session, contact: Contact) -> Chosen:
        services = self._services
        now, zone, books = services.clock(), services.zone, services.playbooks
        why = occasion(session, contact=contact, now=now, zone=zone, playbooks=books)
        barred = checking.barred(contact, f"so there is no draft. {cards.CHOOSE_ELSE}")
        (choice,) = recipients.choices(session, [contact])
        return Chosen(choice, why.reasons, why.goals, why.playbook, barred)

    # Filling in -------------------------------------------------------------------------------------------------

    def search(self, ack: Ack, body: Mapping[str, Any], context: BoltContext) -> None:
        """What the contact field offers for the letters typed so far."""
        if self._services.refusal(Action.draft, body, context):
            ack(options=[])
            return
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            text = str(body.get("value") or "")
            found = queries.search_contacts(session, workspace_id=workspace_id, text=text, limit=FOUND)
            shown = recipients.choices(session, found)
        ack(options=[cards.contact_option(each) for each in shown])

    def choose(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """A contact was chosen, in the search or from the list: the form now speaks of them."""
        ack()
        view, picked = body["view"], body["actions"][0]["selected_option"]
        if not picked or self._services.refusal(Action.draft, body, context):
            return
        workspace_id = self._services.workspace(context)
        with self._services.database.reading() as session:
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=int(picked["value"]))
            chosen = self._chosen(session, contact) if contact else None
        if chosen:
            _update(client, view, self._again(view, chosen))

    def _again(self, view: Mapping[str, Any], chosen: Chosen) -> Block:
        """The form about somebody else, with everything that was put into it."""
        return self._view(Origin.parse(view["private_metadata"]), chosen, filled(view).typed)

    # Submitting -------------------------------------------------------------------------------------------------

    def submit(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, view: Mapping[str, Any]) -> None:
        """One draft for one form, however often it is submitted; its row is there before the acknowledgement."""
        asked, workspace_id = filled(view), self._services.workspace(context)
        if refusal := self._services.refusal(Action.draft, body, context):
            ack(response_action="errors", errors={asked.contact_block: refusal})
            return
        sender = self._services.sender(body, context)
        with self._services.database.reading() as session:
            contact = queries.contact(session, workspace_id=workspace_id, contact_id=asked.contact_id or 0)
            errors = self._faults(session, asked, contact, sender)
            chosen = self._chosen(session, contact) if contact and _overtaken(asked) else None
        if errors:
            ack(response_action="errors", errors=errors)
            return
        if chosen:
            ack(response_action="update", view=self._again(view, chosen))
            return
        self._request(workspace_id, asked, Origin.parse(view["private_metadata"]), body, team(context), sender)
        ack()
        self._services.posting()
        self._services.drafting()

    def _faults(self, session: Session, asked: Filled, contact: Contact | None, sender: str) -> dict[str, str]:
        """What keeps this from being drafted, by the block where it can be put right."""
        if contact is None:
            return {asked.contact_block: cards.CONTACT_GONE if asked.contact_id else cards.CONTACT_MISSING}
        if barred := checking.barred(contact, f"so there is no draft. {cards.CHOOSE_ELSE}"):
            return {asked.contact_block: barred}
        if len(asked.meant) > cards.GOAL_LIMIT:
            return {cards.GOAL_BLOCK: cards.goal_too_long(len(asked.meant))["text"]}
        services = self._services
        name = asked.playbook or briefs.DEFAULT_PLAYBOOK
        book = services.playbooks.get(name)
        if book is None:
            return {asked.playbook_block: drafting.no_playbook(name, services.playbooks)}
        brief = briefs.build(
            session,
            contact=contact,
            goal=asked.meant,
            note=asked.typed.note,
            sender=contact.owner or sender,
            playbook=name,
            at=services.clock(),
            zone=services.zone,
            book=book,
        )
        lacking = missing(book, brief)
        return {asked.playbook_block: drafting.too_thin(book, lacking)} if lacking else {}

    def _request(
        self, workspace_id: int, asked: Filled, origin: Origin, body: Mapping[str, Any], tenant: str, sender: str
    ) -> None:
        user = body["user"]["id"]
        place = origin.place or Place(asked.channel or user)
        assert asked.contact_id is not None
        with self._services.database.writing() as session:
            row = drafting.request(
                session,
                workspace_id=workspace_id,
                contact_id=asked.contact_id,
                goal=asked.meant,
                note=asked.typed.note.strip() or None,
                tone=asked.typed.tone,
                playbook=asked.playbook or briefs.DEFAULT_PLAYBOOK,
                requested_by=user,
                sender=sender,
                channel=str(place),
                request_key=f"view:{tenant}:{body['view']['id']}",
                now=self._services.clock(),
                control_share=self._services.control_share,
            )
            self._services.answers.keep(row.id, origin.answer_url)


def _overtaken(asked: Filled) -> bool:
    """Whether the goal picked was offered for somebody else: two choices came faster than our answer to the first."""
    return bool(asked.goal and not asked.typed.goal.strip() and asked.goal_for != str(asked.contact_id))


def _update(client: WebClient, view: Mapping[str, Any], shown: Block) -> None:
    """Change a form unless it was changed by a later click meanwhile, or closed."""
    try:
        client.views_update(view_id=view["id"], hash=view["hash"], view=shown)
    except SlackApiError as error:
        if error.response["error"] not in OVERTAKEN:
            raise
        log.info("a form was not updated: %s", error.response["error"])
