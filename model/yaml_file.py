"""A YAML file that people write: read into a frozen model, or refused with line, column, value and remedy."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)

SHOWN = 40  # characters of a wrong value
REMEDIES = {
    "tuple_type": "it has to be a list. Put each entry on a line of its own, after a dash",
    "string_type": "it has to be text. Put it in quotes",
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


class FileMistake(Exception):
    """The file cannot be used; the sentence names the place, the value and the remedy."""


class _Loader(yaml.SafeLoader):
    """A day stays the text that somebody wrote: an impossible one is then no error of the parser's."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_into(shape: type[Shape], text: str, where: str) -> Shape:
    """The model that the text describes. Raises FileMistake with `where`, line, column, value and remedy."""
    node, given = _parsed(text, where)
    if not isinstance(node, yaml.MappingNode | None):
        raise FileMistake(f"{_place(where, node)}: there are no settings here. Write lines such as `company: Acme`.")
    if repeated := next(_repeated(node), None):
        key = _shown(repeated.value)
        raise FileMistake(f"{_place(where, repeated)}: {key} stands here a second time. Keep one of the two.")
    try:
        return shape.model_validate(given or {})
    except ValidationError as error:
        raise FileMistake(_refusal(shape, error, node, where)) from None


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


def _repeated(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Keys that stand twice in one place: YAML would keep the last and say nothing."""
    for mapping in [node] if isinstance(node, yaml.MappingNode) else []:
        seen: set[str] = set()
        for key, value in mapping.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                yield key
            seen.update([key.value] if isinstance(key, yaml.ScalarNode) else [])
            yield from _repeated(value)


def _refusal(shape: type[BaseModel], error: ValidationError, node: yaml.Node | None, where: str) -> str:
    """The mistake that comes first in the file, and how many more there are."""
    found = [(_node_at(node, wrong["loc"], key=wrong["type"] in UNKNOWN), wrong) for wrong in error.errors()]
    found.sort(key=lambda one: (one[0].start_mark.line, one[0].start_mark.column) if one[0] else (0, 0))
    at, first = found[0]
    more = len(found) - 1
    rest = f" {more} more {'mistake follows' if more == 1 else 'mistakes follow'}." if more else ""
    return f"{_place(where, at)}: {_said(shape, first)}{rest}"


def _node_at(node: yaml.Node | None, location: tuple[int | str, ...], *, key: bool) -> yaml.Node | None:
    """The node of a wrong value, of a wrong key, or the deepest one there is on the way."""
    for depth, part in enumerate(location, start=1):
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            node = pair[0] if key and depth == len(location) else pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
    return node


def _said(shape: type[BaseModel], wrong: Any) -> str:
    kind, location, message = (
        wrong["type"],
        wrong["loc"],
        wrong["msg"].removeprefix("Value error, ").replace("Input should", "it should"),
    )
    name = str(location[-1]) if location else ""
    field = ".".join(str(part + 1) if isinstance(part, int) else part for part in location)
    known = _known(shape, location[:-1])
    if kind in UNKNOWN:
        close = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
        remedy = f"Did you mean {close[0]!r}?" if close else f"Use one of: {', '.join(known)}."
        return f"there is no {name!r}. {remedy}"
    if kind in MISSING:
        return f"{name!r} is missing. Add a line such as `{name}: …`."
    return f"{field!r} is {_shown(wrong['input'])}; {REMEDIES.get(kind, message[:1].lower() + message[1:])}."


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _known(shape: Any, location: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand at a place."""
    for part in location:
        if isinstance(part, str) and part in (types := _fields(shape)):
            candidates = (types[part], *get_args(types[part]))
            shape = next((one for one in candidates if _fields(one)), shape)
    return list(_fields(shape))


def _fields(shape: Any) -> dict[str, Any]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return {name: field.annotation for name, field in shape.model_fields.items()}
    return {field.name: field.type for field in fields(shape)} if is_dataclass(shape) else {}
