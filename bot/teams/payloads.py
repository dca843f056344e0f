"""What Teams sends, as the payloads that the listeners read. Pure.

Ids: a person is their id in Entra. A conversation is its id in Teams, quoted, after `D~` where the bot is alone with
one person and `C~` everywhere else: no id of Slack's looks like that, and the first letter means the same.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from bot.person_ids import ENTRA
from bot.teams.adaptive import JOINT
from storage.tables import TeamsConversation, TeamsMember

Activity = dict[str, Any]
Payload = dict[str, Any]

PERSONAL = "personal"
MARK = "~"
MENTION = re.compile(r"<at>.*?</at>", re.DOTALL)
WORD = re.compile(r"/?draft-follow-?up\b[:,]?", re.IGNORECASE)


@dataclass(frozen=True)
class Heard:
    """Who said something, and where."""

    tenant: str
    user_id: str
    mri: str
    name: str
    channel: str
    conversation: str
    service_url: str
    personal: bool
    shared: bool

    def rows(self, workspace_id: int) -> tuple[TeamsConversation, TeamsMember]:
        """What has to be remembered to answer later."""
        scope: dict[str, Any] = {"workspace_id": workspace_id, "channel": self.channel}
        place = TeamsConversation(**scope, service_url=self.service_url, shared=self.shared)
        direct = self.channel if self.personal else None
        return place, TeamsMember(**scope, user_id=self.user_id, mri=self.mri, name=self.name, direct=direct)


def heard(activity: Activity) -> Heard | None:
    """None where an activity does not say who it is from: a bot, or somebody whom Entra does not know."""
    who, place, data = activity.get("from") or {}, activity["conversation"], activity.get("channelData") or {}
    user_id = str(who.get("aadObjectId") or "").lower()
    if not re.fullmatch(ENTRA, user_id) or who.get("role") == "bot":
        return None
    personal = place.get("conversationType") == PERSONAL
    return Heard(
        tenant=str(place.get("tenantId") or (data.get("tenant") or {}).get("id") or "").lower(),
        user_id=user_id,
        mri=str(who["id"]),
        name=str(who.get("name") or ""),
        channel=channel(place["id"], personal=personal),
        conversation=str(place["id"]),
        service_url=str(activity["serviceUrl"]),
        personal=personal,
        shared=(data.get("channel") or {}).get("type") == "shared",
    )


def channel(conversation: str, *, personal: bool) -> str:
    return f"{'D' if personal else 'C'}{MARK}{quote(conversation, safe='')}"


def conversation(channel: str) -> str:
    """The id in Teams of a channel in our rows."""
    return unquote(channel[2:])


def ours(channel: str) -> bool:
    """Whether a channel, or a person who is written to, is one of Teams'."""
    return channel[1:2] == MARK or bool(re.fullmatch(ENTRA, channel))


def command(activity: Activity) -> str | None:
    """What stands after `draft-followup`; None where a message says something else."""
    text = " ".join(MENTION.sub(" ", str(activity.get("text") or "")).split())
    match = WORD.match(text)
    return text[match.end() :].strip() if match else None


def command_payload(said: Heard, text: str, activity: Activity) -> Payload:
    """`trigger_id` is the message's: Teams may deliver it twice, and it asks for one draft."""
    return {
        "user_id": said.user_id,
        "user_name": said.name,
        "channel_id": said.channel,
        "channel": {"id": said.channel},
        "text": text,
        "trigger_id": f"{said.channel}:{activity['id']}",
    }


def click_payload(said: Heard, data: Payload) -> Payload:
    """A button, or an entry of a menu."""
    chosen = {"selected_option": {"value": data["selected"]}} if "selected" in data else {}
    return {
        **_who(said),
        "trigger_id": "",
        "actions": [{"action_id": data["action"], "value": data.get("value", ""), **chosen}],
    }


def submission_payload(said: Heard, data: Payload) -> Payload:
    """A submitted form. Each input comes under its id."""
    values: dict[str, dict[str, Any]] = {}
    for name, value in data.items():
        block, joint, action = name.partition(JOINT)
        if joint:
            values.setdefault(block, {})[action] = {
                "value": value,
                "selected_option": {"value": value} if value else None,
            }
    metadata = data.get("private_metadata", "")
    view = {"callback_id": data["callback_id"], "private_metadata": metadata, "state": {"values": values}}
    return {**_who(said), "view": view}


def _who(said: Heard) -> Payload:
    return {"user": {"id": said.user_id, "name": said.name}, "channel": {"id": said.channel}}
