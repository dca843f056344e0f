"""What a model drafted greedily for a context stays the same, so a night need not draft it again."""

import json
import os
import threading
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from model.compose import Complete
from model.engine import Completion, Message


class Remembered:
    """Completions in a folder, one file each, named by what they depend on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def around(self, complete: Complete, model: str) -> Complete:
        """The same `complete`, which asks only for what is not remembered. `model` names base and adapter."""

        def remembered(messages: list[Message], **how: Any) -> Completion:
            name = sha256(json.dumps([model, messages, how], sort_keys=True).encode()).hexdigest() + ".json"
            self._used.add(name)
            path = self._folder / name
            try:
                return Completion(**json.loads(path.read_text("utf-8")))
            except (OSError, ValueError, TypeError):  # not there, or not a whole file: drafted again
                made = complete(messages, **how)
            part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            part.write_text(json.dumps(asdict(made)), "utf-8")
            part.replace(path)
            return made

        return remembered

    def prune(self) -> None:
        """Drop what was not used since the start: texts about customers stay no longer than they are needed."""
        for path in self._folder.iterdir():
            if path.name not in self._used:
                path.unlink(missing_ok=True)
