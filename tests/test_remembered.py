"""A night drafts for each held-out context once per model, and keeps no text longer than it is used."""

from pathlib import Path
from typing import Any

from model.engine import Completion, Message
from model.remembered import Remembered

ASKED: list[Message] = [{"role": "user", "content": "Write to Dana."}]
HOW: dict[str, Any] = {"seed": 0, "temperature": 0.0, "max_tokens": 9, "grammar": ""}


class Counting:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, messages: list[Message], **how: Any) -> Completion:
        self.calls += 1
        return Completion(text=f"draft {self.calls}", tokens=2, prompt_tokens=9, seconds=0.1, finished=True)


def test_the_same_question_to_the_same_model_is_drafted_once(tmp_path: Path) -> None:
    engine = Counting()
    texts = [Remembered(tmp_path).around(engine, "base")(ASKED, **HOW).text for _ in range(3)]
    assert texts == ["draft 1"] * 3 and engine.calls == 1


def test_another_model_or_another_question_is_drafted_anew(tmp_path: Path) -> None:
    engine, remembered = Counting(), Remembered(tmp_path)
    remembered.around(engine, "base")(ASKED, **HOW)
    remembered.around(engine, "base a1")(ASKED, **HOW)
    remembered.around(engine, "base")(ASKED, **{**HOW, "grammar": "root"})
    remembered.around(engine, "base")([*ASKED, *ASKED], **HOW)
    assert engine.calls == 4


def test_half_a_file_is_drafted_again(tmp_path: Path) -> None:
    engine = Counting()
    Remembered(tmp_path).around(engine, "base")(ASKED, **HOW)
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text("utf-8")[:7], "utf-8")
    assert Remembered(tmp_path).around(engine, "base")(ASKED, **HOW).text == "draft 2"


def test_what_a_run_did_not_use_is_gone_after_it(tmp_path: Path) -> None:
    engine = Counting()
    Remembered(tmp_path).around(engine, "base")(ASKED, **HOW)
    tonight = Remembered(tmp_path)
    tonight.around(engine, "base")([*ASKED, *ASKED], **HOW)
    tonight.prune()
    assert len(list(tmp_path.iterdir())) == 1
