"""Makes `methods.json` anew from a checkout of slack_kit: `python -m tests.conformance.facts FOLDER`.

For each method that the bot calls, or plainly might, which scopes a bot token needs (one of them is enough) and which
errors its documentation lists. A method that is new to the bot is added to METHODS.
"""

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "methods.json"
METHODS = (
    "apps.connections.open",
    "apps.uninstall",
    "auth.revoke",
    "auth.test",
    "chat.delete",
    "chat.getPermalink",
    "chat.postEphemeral",
    "chat.postMessage",
    "chat.update",
    "conversations.info",
    "conversations.list",
    "conversations.members",
    "conversations.open",
    "files.completeUploadExternal",
    "files.getUploadURLExternal",
    "functions.completeError",
    "functions.completeSuccess",
    "oauth.v2.access",
    "reactions.add",
    "team.info",
    "usergroups.list",
    "usergroups.users.list",
    "users.info",
    "views.open",
    "views.publish",
    "views.push",
    "views.update",
)


def facts(docs: Path) -> dict[str, Any]:
    read = {name: json.loads((docs / "methods" / f"{name}.json").read_text("utf-8")) for name in METHODS}
    return {
        "common": sorted(json.loads((docs / "common_errors.json").read_text("utf-8"))),
        "methods": {
            name: {
                "scopes": [scope["name"] for scope in page["scopes"].get("bot", ())],
                "errors": sorted(page["errors"]),
            }
            for name, page in read.items()
        },
    }


def known() -> dict[str, Any]:
    """The table as it is kept here."""
    return dict(json.loads(FILE.read_text("utf-8")))


if __name__ == "__main__":
    FILE.write_text(json.dumps(facts(Path(sys.argv[1]) / "priv" / "docs"), indent=1) + "\n", "utf-8")
