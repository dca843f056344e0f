"""Training examples as token ids: the prompt is read, the completion is learned, each token with its weight."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.engine import Message


@dataclass(frozen=True)
class Example:
    """Messages and the completion to learn for them.

    `weight` is the share of passes that the example takes part in, 1.0 being a person's own edit. `spans` are
    (start, end, weight) in characters of `completion` and weigh its tokens: above 1 for what a person changed, below
    for what they let stand.
    """

    messages: list[Message]
    completion: str
    weight: float = 1.0
    spans: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class Tokens:
    """One example as ids. `weights` has one entry per target: per token of `ids` after the first `prompt` ones."""

    ids: list[int]
    prompt: int
    weights: list[float]
    share: float = 1.0  # of the passes over the data


class Tokenizer:
    """The base's own tokenizer and chat template, read from a training copy."""

    def __init__(self, copy: Path) -> None:
        """`copy` is a folder made by `base.training_copy`."""
        from jinja2.sandbox import ImmutableSandboxedEnvironment
        from tokenizers import Tokenizer as Vocabulary

        settings = json.loads((copy / "tokenizer_config.json").read_text("utf-8"))
        self._vocabulary = Vocabulary.from_file(str(copy / "tokenizer.json"))
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        self._template = environment.from_string(settings["chat_template"])
        self._names = {name: settings[name] or "" for name in ("bos_token", "eos_token")}
        self._prefix = settings["bos_token"] if settings["add_bos_token"] else ""

    def prompt(self, messages: list[Message]) -> str:
        """The messages as the engine renders them, up to where the model's turn begins."""
        text = self._template.render(messages=messages, add_generation_prompt=True, **self._names)
        return text if text.startswith(self._prefix) else self._prefix + text

    def ids(self, text: str) -> list[int]:
        return list(self._encoded(text).ids)

    def tokens(self, example: Example) -> Tokens:
        """Prompt, completion and the token that ends the turn; the end is learned like every other token."""
        prompt = self.prompt(example.messages)
        completion = example.completion.strip()
        whole = self._encoded(prompt + completion + self._names["eos_token"])
        read = self.ids(prompt)
        assert whole.ids[: len(read)] == read, "the completion changes how the end of the prompt is cut into tokens"
        lead = len(example.completion) - len(example.completion.lstrip()) - len(prompt)
        weights = [_factor(example, start + lead, end + lead) for start, end in whole.offsets[len(read) :]]
        return Tokens(list(whole.ids), len(read), weights, example.weight)

    def _encoded(self, text: str) -> Any:
        return self._vocabulary.encode(text, add_special_tokens=False)


def _factor(example: Example, start: int, end: int) -> float:
    """The weight of a token over these characters: that of the last span it touches."""
    touched = [factor for first, last, factor in example.spans if first < end and start < last]
    return touched[-1] if touched else 1.0
