"""HubSpot calls when something has changed. The call is verified, and all it does is that the CRM is read soon.

Nothing of its body is used: what changed is asked for as ever, so a lost or doubled call changes nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.front import Answer, Headers, Hook
from storage import queries
from storage.database import Database

HUBSPOT = "/hubspot/webhook"
SIGNED_FOR_MILLISECONDS = 300_000
TEXT = {"content-type": "text/plain; charset=utf-8"}


def hooks(database: Database, secret: str, clock: Callable[[], datetime]) -> Mapping[str, Hook]:
    """By their addresses; none without a secret to verify them with."""

    def hubspot(raw: bytes, headers: Headers) -> Answer:
        now = clock()
        if not signed(raw, headers, secret, now.timestamp() * 1000):
            return Answer(401, TEXT, "the signature is missing, wrong or too old")
        with database.writing() as session:
            queries.make_due(session, crm="hubspot", now=now)
        return Answer(200, TEXT, "")

    return {HUBSPOT: hubspot} if secret else {}


def signed(raw: bytes, headers: Headers, secret: str, now: float) -> bool:
    """Whether HubSpot signed these bytes, for this address, within the last five minutes (signature v3)."""
    stamp = headers.get("x-hubspot-request-timestamp") or ""
    given = headers.get("x-hubspot-signature-v3") or ""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16) or abs(now - int(stamp)) > SIGNED_FOR_MILLISECONDS:
        return False
    # HubSpot calls https addresses alone; the proxy before us has taken that off.
    address = f"https://{headers.get('host') or ''}{HUBSPOT}"
    signing = b"POST" + address.encode("utf-8", "replace") + raw + stamp.encode()
    expected = base64.b64encode(hmac.new(secret.encode(), signing, hashlib.sha256).digest())
    return hmac.compare_digest(expected, given.encode("utf-8", "replace"))
