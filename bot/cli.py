"""`afterword …`: one subcommand per job. What it does stands in a module of commands, imported once chosen."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOMS = (
    "audit_commands",
    "backup_commands",
    "book_commands",
    "crm_commands",
    "doctor_command",
    "draft_commands",
    "learning_commands",
    "outcome_commands",
    "people_commands",
    "quarantine_commands",
    "rights_commands",
    "secrets_commands",
    "teams_commands",
    "voice_commands",
)  # what is in none of them is in bot/commands.py
KNOWN_ERROR = 1
INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand.

    Returns 0 when it worked, 1 after one sentence on stderr for a known error; wrong usage exits with 2.
    """
    arguments = _parser().parse_args(argv)
    from bot import commands
    from bot.settings import SettingsError, load

    try:
        rooms = (import_module(f"bot.{name}") for name in ROOMS)
        room = next((room for room in rooms if arguments.command in room.__all__), commands)
        result = getattr(room, arguments.command)(load(), arguments)
    except (SettingsError, *commands.KNOWN_ERRORS) as error:
        if arguments.json and hasattr(error, "result"):
            sys.stdout.write(json.dumps(error.result) + "\n")
        sys.stderr.write(f"afterword: {error}\n")
        return KNOWN_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    if result is not None:
        sys.stdout.write(_written(arguments, result).rstrip("\n") + "\n")
    return 0


def _written(arguments: argparse.Namespace, result: Any) -> str:
    if arguments.json or arguments.command == "pairs_export":
        return result if isinstance(result, str) else json.dumps(result, default=str)
    from bot import showing

    return str(getattr(showing, arguments.command)(result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="afterword", description="Drafts follow-up emails in your company's voice and learns from every edit."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "serve", "serve", "serve Slack: listeners, drafting, the nightly refine")
    demo = _add(commands, "demo", "demo", "try it with a sample company and a local Slack emulator, or Teams' client")
    demo.add_argument("--surface", choices=("slack", "teams"), default="slack")
    _importing(commands)
    _connecting(commands)
    _drafting(commands)
    _playbooks(commands)
    _learning(commands)
    _voicing(commands)
    _rights(commands)
    _secrets(commands)
    package = _add(commands, "teams-package", "teams_package", "write the app package that Microsoft Teams takes")
    package.add_argument("path", type=Path, metavar="FILE.zip")
    package.add_argument("--website", required=True, metavar="URL", help="whose app it is: your company's address")
    status = _add(commands, "status", "status", "what waits, what serves, what was learned")
    status.add_argument("--chart", type=Path, metavar="FILE", help="write the edit rate by week as a PNG")
    audit = _add(commands, "audit", "audit", "who decided, promoted, overrode, erased and changed what, newest first")
    audit.add_argument("--days", type=int, metavar="N", help="of the last days only")
    audit.add_argument("--limit", type=int, default=1000, metavar="N", help="at most so many lines (default: 1000)")
    _add(commands, "outcomes", "outcomes", "what came back: answers by adapter, playbook and voice")
    _add(commands, "doctor", "doctor", "look whether everything is in place, and say what to do where it is not")
    _add(commands, "fetch", "fetch", "fetch the base model into the cache")
    _people(commands)
    backup = _add(commands, "backup", "backup", "copy the live database and the adapters into a new folder")
    backup.add_argument("path", type=Path)
    restore = _add(commands, "restore", "restore", "put a backup back; stop `afterword serve` first")
    restore.add_argument("path", type=Path)
    return parser


def _importing(commands: Any) -> None:
    kinds = _group(commands, "import", "bring in CRM exports and past emails")
    crm = _add(kinds, "crm", "import_crm", "contacts, companies, deals and events from CSV exports")
    crm.add_argument("--contacts", type=Path, required=True, metavar="F.csv")
    for name in ("companies", "deals", "events"):
        crm.add_argument(f"--{name}", type=Path, metavar="F.csv")
    crm.add_argument("--mapping", type=Path, metavar="FILE", help="YAML: which of their columns is which of ours")
    emails = _add(kinds, "emails", "import_emails", "past emails to learn from: .csv, .jsonl or .mbox")
    emails.add_argument("file", type=Path)
    for parser in (crm, emails):
        parser.add_argument("--source", default="csv", help="the system's name; same source and id, same record")


CRMS = ("hubspot", "salesforce", "tryton")


def _connecting(commands: Any) -> None:
    connect = _add(commands, "connect", "connect", "read a CRM as it changes, and log approved emails there")
    connect.add_argument("crm", choices=CRMS)
    connect.add_argument("--address", metavar="URL", help="where its API is; HubSpot has one for everybody")
    connect.add_argument("--account", metavar="NAME", help="Salesforce: the app's consumer key; Tryton: the user")
    connect.epilog = "The secret is asked for, or taken from AFTERWORD_CRM_SECRET. docs/importing.md says which it is."
    disconnect = _add(commands, "disconnect", "disconnect", "forget a CRM's secret; what was read stays")
    disconnect.add_argument("crm", choices=CRMS)
    sync = _add(commands, "sync", "sync", "read connected CRMs now; `afterword serve` does so every 15 minutes")
    sync.add_argument("crm", choices=CRMS, nargs="?")
    sync.add_argument("--full", action="store_true", help="everything again from the beginning")


def _drafting(commands: Any) -> None:
    draft = _add(commands, "draft", "draft", "draft one email")
    draft.add_argument("--to", required=True, metavar="EMAIL")
    draft.add_argument("--goal", required=True)
    draft.add_argument(
        "--playbook", metavar="NAME", help="the kind of follow-up; `afterword playbooks list` shows them"
    )
    draft.add_argument("--seed", type=int, default=0, help="0 drafts greedily, any other number samples")
    draft.add_argument("--baseline", action="store_true", help="the frozen base, no adapter")
    review = _add(commands, "review", "review", "decide on a draft")
    review.add_argument("draft_id", type=int)
    decision = review.add_mutually_exclusive_group(required=True)
    decision.add_argument("--approve", action="store_true")
    decision.add_argument("--edit", type=Path, metavar="FILE", help="the final email; line one may be Subject: …")
    decision.add_argument("--discard", action="store_true")
    review.add_argument(
        "--reason",
        metavar="WORD",
        help="wrong-facts, wrong-tone, wrong-moment, not-needed or other; your own words after a colon",
    )
    review.add_argument("--override", metavar="REASON", help="with --edit: why it goes out although a check blocks it")


def _playbooks(commands: Any) -> None:
    books = _group(commands, "playbooks", "the kinds of follow-up there are")
    _add(books, "list", "playbooks_list", "every playbook: what it is for and what it needs to know")
    check = _add(books, "check", "playbooks_check", "check the packaged playbooks, your own and the files given")
    check.add_argument("files", type=Path, nargs="*", metavar="FILE")
    score = _add(commands, "score", "score", "how warm a lead is, with the reasons and what to do next")
    score.add_argument("--to", required=True, metavar="EMAIL")
    actions = _group(commands, "sequence", "several emails to one contact, each a draft to review")
    start = _add(actions, "start", "sequence_start", "start a sequence for a contact")
    start.add_argument("--to", required=True, metavar="EMAIL")
    start.add_argument("--playbook", metavar="NAME", help="one with steps (default: saas_onboarding)")
    start.add_argument(
        "--goal", required=True, help="the feature they should use, or the stage to reach; it ends there"
    )
    start.add_argument("--channel", metavar="ID", help="the Slack channel for its drafts (default: where you review)")
    stop = _add(actions, "stop", "sequence_stop", "stop a sequence")
    stop.add_argument("sequence_id", type=int, metavar="ID")
    _add(actions, "list", "sequence_list", "every sequence, what was drafted and what comes next")


def _learning(commands: Any) -> None:
    refine = _add(commands, "refine", "refine", "train an adapter and let the gate decide")
    refine.add_argument("--minutes", type=float, help="time budget (default: AFTERWORD_REFINE_MINUTES)")
    refine.add_argument("--force", action="store_true", help="train even on few or no new pairs")
    refine.add_argument("--run", type=int, dest="run_id", help=argparse.SUPPRESS)  # given by the scheduler
    actions = _group(commands, "adapters", "list, promote or roll back adapters")
    _add(actions, "list", "adapters_list", "every adapter, newest first")
    promote = _add(actions, "promote", "adapters_promote", "put a version into service")
    promote.add_argument("version", type=int)
    _add(actions, "rollback", "adapters_rollback", "go back to what served before")
    pausing = _group(commands, "learning", "pause learning, and resume it")
    _add(pausing, "pause", "learning_pause", "no training until it is resumed; drafts go on, decisions are kept")
    _add(pausing, "resume", "learning_resume", "train again, also on what was decided meanwhile")
    exports = _group(commands, "pairs", "what was learned from")
    export = _add(exports, "export", "pairs_export", "write every pair to stdout")
    export.add_argument("--format", choices=["jsonl"], default="jsonl")
    _add(exports, "quarantine", "pairs_quarantine", "which pairs are not learned from, and why")


def _voicing(commands: Any) -> None:
    actions = _group(commands, "voice", "check the voice file, and see its versions")
    check = _add(actions, "check", "voice_check", "say whether a voice file can be used, and where it is wrong")
    check.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: voice.yml in AFTERWORD_HOME")
    _add(actions, "history", "voice_history", "every version that was in service, newest first")


def _people(commands: Any) -> None:
    held = _add(commands, "held", "held", "everything that is kept about one contact")
    forget = _add(commands, "forget", "forget", "erase a contact, and what was learned from them")
    for parser in (held, forget):
        parser.add_argument("--contact", required=True, metavar="EMAIL")


RIGHTS = """WHO is one of
  members             every full member of the workspace (the default)
  U0123ABCD,U0456EF   these people: a profile's ⋮ menu → Copy member ID
  S0123ABCD           a user group, by its id; the app then needs the scope usergroups:read
  channel             --approve only: members of the channel that the card stands in; the app then needs channels:read,
                      and groups:read for private channels

Guests, bots and people of other organisations may never do anything, whatever is set. docs/rights.md has the table.

  afterword rights set --approve U0123ABCD,U0456EF    only these two decide about drafts
  afterword rights set --four-eyes yes                nobody approves what they asked for themselves
  afterword rights set --approve members --four-eyes no     back to the default"""


def _rights(commands: Any) -> None:
    actions = _group(commands, "rights", "who may do what in Slack")
    _add(actions, "show", "rights_show", "what holds now, and which scopes the app needs for it")
    choose = _add(
        actions, "set", "rights_set", "change what is given and leave the rest; it holds at once, and is audited"
    )
    choose.formatter_class, choose.epilog = argparse.RawDescriptionHelpFormatter, RIGHTS
    choose.add_argument("--draft", metavar="WHO", help="who may ask for drafts")
    choose.add_argument("--approve", metavar="WHO", help="who may approve, edit and turn down drafts and learned rules")
    choose.add_argument("--four-eyes", choices=["yes", "no"], help="whether who asked must leave approving to others")
    choose.add_argument(
        "--admins",
        choices=["slack", "named"],
        help="who roll back, promote, pause and the like: Slack's admins and owners as well, or only AFTERWORD_ADMINS",
    )


def _secrets(commands: Any) -> None:
    actions = _group(commands, "secrets", "the key that seals Slack's tokens in the database")
    _add(actions, "key", "secrets_key", "make a key for AFTERWORD_SECRET_KEY")
    _add(
        actions,
        "rotate",
        "secrets_rotate",
        "seal everything anew, with a new key in home or with the first key in AFTERWORD_SECRET_KEY",
    )


def _group(commands: Any, name: str, help_text: str) -> Any:
    parser = commands.add_parser(name, help=help_text, description=_sentence(help_text))
    return parser.add_subparsers(required=True, metavar="WHAT")


def _add(commands: Any, name: str, command: str, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=_sentence(help_text))
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout, progress on stderr")
    parser.add_argument("--workspace", type=int, metavar="ID", help="which workspace, where there are several")
    parser.set_defaults(command=command)
    return parser


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
