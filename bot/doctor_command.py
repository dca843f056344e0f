"""`afterword doctor`."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from bot.commands import CommandError
from bot.doctor import examine
from bot.settings import Settings

__all__ = ["Unwell", "doctor"]


class Unwell(CommandError):
    """Something is not in place. `result` is all that was looked at."""

    def __init__(self, result: dict[str, Any]) -> None:
        wrong = [check for check in result["checks"] if not check["ok"]]
        lines = [f"{check['name']}: {check['said']}" for check in wrong]
        super().__init__("\n".join([f"{len(wrong)} of {len(result['checks'])} checks failed.", *lines]))
        self.result = result


def doctor(settings: Settings, arguments: Namespace) -> dict[str, Any]:
    """Every check; raises Unwell when one failed, so that a script can tell."""
    result = {"checks": [asdict(check) for check in examine(settings)]}
    if not all(check["ok"] for check in result["checks"]):
        raise Unwell(result)
    return result
