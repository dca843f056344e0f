"""A YAML file that people write: read into a frozen model, or each mistake named with place, value and remedy."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)
Location = tuple[int | str, ...]

SHOWN = 40  # characters of a wrong value
REMEDIES = {
    "tuple_type": "it has to be a list. Put each entry on a line of its own, after a dash",
    "string_type": "it has to be text. Put it in quotes",
    "string_too_long": "it is too long. Shorten it",
    "string_too_short": "it is empty. Write something there or take the line out",
    "int_type": "it has to be a whole number. Write it like 120",
    "int_parsing": "it has to be a whole number. Write it like 120",
    "int_from_float": "it has to be a whole number. Write it like 120",
    "float_type": "it has to be a number. Write it like 8.5",
    "float_parsing": "it has to be a number. Write it like 8.5",
    "bool_type": "it has to be true or false. Write one of the two",
    "bool_parsing": "it has to be true or false. Write one of the two",
    "dict_type": "it has to be pairs. Put each on a line of its own, like utilize: use",
    "model_type": "it has to be lines of its own. Indent them below the name",
    "dataclass_type": "it has to be lines of its own. Indent them below the dash",
}
MISSING = ("missing", "missing_argument")
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
KEY = "[key]"  # how a location ends that means the key and not its value


class FileMistake(Exception):
    """The file cannot be used: one sentence for each mistake, with its place, the value and the remedy."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class _Loader(yaml.SafeLoader):
    """A day stays the text that somebody wrote: an impossible one is then no error of the parser's."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def written(path: Path, remedy: str) -> str:
    """The text of the file at `path`. Raises FileMistake, with the remedy where there is no such file."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileMistake(f"{path}: {error.strerror}. {remedy}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileMistake(f"{path}, line {line}: this is not UTF-8 text. Save the file as UTF-8.") from None


def read_into(shape: type[Shape], text: str, where: str) -> Shape:
    """The model that the text describes. Raises FileMistake, which calls the file `where`."""
    node, given = _parsed(text, where)
    if not isinstance(node, yaml.MappingNode | None):
        raise FileMistake(f"{_place(where, node)}: there are no settings here. Write lines such as `name: value`.")
    if repeated := list(_repeated(node, set())):
        said = "stands here a second time. Keep one of the two."
        raise FileMistake(*(f"{_place(where, key)}: {_shown(key.value)} {said}" for key in repeated))
    try:
        return shape.model_validate(given or {})
    except ValidationError as error:
        raise FileMistake(*_refusals(shape, error, node, where)) from None


def meant(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or all of them, as a remedy."""
    close = get_close_matches(word.lower(), known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."


def _parsed(text: str, where: str) -> tuple[yaml.Node | None, Any]:
    """The tree with its places, and what it says."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    except yaml.reader.ReaderError as error:
        before = text[: error.position].split("\n")
        place = f"{where}, line {len(before)}, column {len(before[-1]) + 1}"
        code = f"U+{ord(error.character):04X}" if isinstance(error.character, str) else f"U+{error.character:04X}"
        raise FileMistake(f"{place}: the character {code} cannot stand here. Delete it.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
        hint = " Text with braces, a colon or a leading sign needs quotes."
        raise FileMistake(f"{place}: {error.problem}. Correct it and load it again.{hint}") from None
    except RecursionError:
        raise FileMistake(f"{where}: its brackets are nested too deeply. Write it as plain lines.") from None
    except ValueError as error:
        raise FileMistake(f"{where}: {error}. Correct the value or put it in quotes.") from None


def _place(where: str, node: yaml.Node | None) -> str:
    mark = node.start_mark if node else None
    return f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else f"{where}, line 1, column 1"


def _repeated(node: yaml.Node | None, seen: set[int]) -> Iterator[yaml.ScalarNode]:
    """Keys that stand twice in one place: YAML would keep the last and say nothing."""
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:  # an alias may lead back to where it stands
        return
    seen.add(id(node))
    keys: set[str] = set()
    for child in node.value:
        key, value = child if isinstance(child, tuple) else (None, child)
        if isinstance(key, yaml.ScalarNode):
            if key.value in keys:
                yield key
            keys.add(key.value)
        yield from _repeated(value, seen)


def _refusals(shape: type[BaseModel], error: ValidationError, node: yaml.Node | None, where: str) -> list[str]:
    """The mistakes in the order of the file."""
    found = [(_node_at(node, wrong["loc"], key=wrong["type"] in UNKNOWN), wrong) for wrong in error.errors()]
    found.sort(key=lambda one: (one[0].start_mark.line, one[0].start_mark.column) if one[0] else (0, 0))
    return [f"{_place(where, at)}: {_said(shape, wrong)}" for at, wrong in found]


def _node_at(node: yaml.Node | None, location: Location, *, key: bool) -> yaml.Node | None:
    """The node of a wrong value, of a wrong key, or the deepest one there is on the way."""
    key = key or KEY in location
    steps = [step for step in location if step != KEY]
    for depth, step in enumerate(steps, start=1):
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if pair is None:
                break
            node = pair[0] if key and depth == len(steps) else pair[1]
        elif isinstance(node, yaml.SequenceNode):
            same = [item for item in node.value if item.value == step]  # a list that became pairs is known by its text
            node = node.value[step] if isinstance(step, int) else same[0] if same else node
    return node


def _said(shape: type[BaseModel], wrong: Any) -> str:
    kind, location = wrong["type"], [step for step in wrong["loc"] if step != KEY]
    name = str(location[-1]) if location else ""
    if kind in UNKNOWN:
        return f"there is no {name!r} here. {meant(name, _known(shape, location[:-1]))}"
    if kind in MISSING:
        return f"{name!r} is missing. Add a line such as `{name}: …`."
    field = ".".join(str(step + 1) if isinstance(step, int) else step for step in location)
    value = wrong["input"]
    shown = f"{field!r}" if isinstance(value, dict | list | tuple) else f"{field!r} is {_shown(value)}"
    return f"{shown}; {_remedy(kind, wrong['msg'])}"


def _remedy(kind: str, message: str) -> str:
    own = message.removeprefix("Value error, ").replace("Input should", "it should")
    return f"{REMEDIES.get(kind, own[:1].lower() + own[1:]).rstrip('.')}."


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _known(shape: Any, location: Sequence[int | str]) -> list[str]:
    """The keys that may stand at a place."""
    for step in location:
        if isinstance(step, str) and step in (types := _fields(shape)):
            candidates = (types[step], *get_args(types[step]))
            shape = next((one for one in candidates if _fields(one)), shape)
    return list(_fields(shape))


def _fields(shape: Any) -> dict[str, Any]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return {name: field.annotation for name, field in shape.model_fields.items()}
    return {field.name: field.type for field in fields(shape)} if is_dataclass(shape) else {}
