"""YAML that people write: every mistake comes with its line, its column, the value and the remedy."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)
Location = tuple[int | str, ...]

VALUE_SHOWN = 60  # characters
SAID = {
    "bool_parsing": "must be true or false.",
    "bool_type": "must be true or false.",
    "dict_type": "must be lines such as `key: text`.",
    "greater_than_equal": "is too small.",
    "int_parsing": "must be a whole number.",
    "int_type": "must be a whole number.",
    "model_type": "must be lines such as `key: value`.",
    "string_too_long": "is too long. Shorten it.",
    "string_too_short": "is empty. Fill it in or take the line out.",
    "string_type": "is not text. Put it in quotes.",
    "tuple_type": "is not a list. Write one `- item` a line.",
}


class FileError(Exception):
    """A file cannot be used: one sentence for each mistake, with file, line, column, value and remedy."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def parsed(text: str, where: str, shape: type[Shape]) -> Shape:
    """The text as a `shape`. Raises FileError, which calls the file `where`."""
    tree = _tree(text, where)
    if twice := [f"{_at(where, node)}: {node.value!r} stands here twice. Keep one." for node in _repeated(tree)]:
        raise FileError(twice)
    try:
        return shape.model_validate(_values(text, where))
    except ValidationError as error:
        found = sorted(error.errors(), key=lambda one: _mark(tree, one))
        raise FileError([_sentence(where, tree, shape, one) for one in found]) from None


def _tree(text: str, where: str) -> yaml.MappingNode:
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise FileError([_broken(where, error)]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileError([f"{where}, line {line}: it holds a character that cannot be read. Take it out."]) from None
    except RecursionError:
        raise FileError([f"{where}: its brackets are nested too deeply. Write plain lists and lines."]) from None
    if not isinstance(tree, yaml.MappingNode):
        raise FileError([f"{where}, line 1, column 1: a file is made of lines such as `name: value`. Write it so."])
    return tree


def _values(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        raise FileError([_broken(where, error)]) from None
    except (ValueError, RecursionError) as error:  # a date that does not exist, a list that holds itself
        raise FileError([f"{where}: {error}. Put the value in quotes."]) from None


def _broken(where: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
    return f"{place}: {error.problem}. Correct it; text with a colon, or a sign at its start, needs quotes."


def _repeated(tree: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Every key that its mapping has already; YAML itself would silently take the last one."""
    for node in _nodes(tree, set()):
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    yield key
                seen.add(str(key.value))


def _nodes(node: yaml.Node, seen: set[int]) -> Iterator[yaml.Node]:
    if id(node) in seen:  # an alias
        return
    seen.add(id(node))
    yield node
    if isinstance(node, yaml.CollectionNode):
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from _nodes(part, seen)


def _sentence(where: str, tree: yaml.MappingNode, shape: type[BaseModel], found: Any) -> str:
    location, kind = found["loc"], found["type"]
    place = _at(where, _named(tree, found))
    if kind == "extra_forbidden":
        return f"{place}: there is no {str(location[-1])!r} here. {meant(str(location[-1]), _keys(shape, location))}"
    if kind == "missing":
        return f"{place}: {location[-1]!r} is missing. Add a line `{location[-1]}: …`."
    said = str(found["ctx"]["error"]) if kind == "value_error" else SAID.get(kind, f"is wrong: {found['msg']}.")
    return f"{place}, {location[0]}: {_shown(found['input'])}{said}"


def _named(tree: yaml.Node, found: Any) -> yaml.Node:
    """The node that a mistake is about: an unknown key, else a value."""
    return _node(tree, found["loc"], key=found["type"] == "extra_forbidden")


def _mark(tree: yaml.Node, found: Any) -> tuple[int, int]:
    mark = _named(tree, found).start_mark
    return mark.line, mark.column


def meant(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or all of them, as a remedy."""
    close = get_close_matches(word, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list, tuple)):
        return ""
    text = repr(value)
    return f"{text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + '…'} "


def _keys(shape: type[BaseModel], location: Location) -> list[str]:
    """The keys that are known where the unknown one stands."""
    for step in location[:-1]:
        if isinstance(step, str) and step in shape.model_fields:
            inner = get_args(shape.model_fields[step].annotation)
            shape = next((part for part in inner if isinstance(part, type) and issubclass(part, BaseModel)), shape)
    return list(shape.model_fields)


def _node(tree: yaml.Node, location: Location, *, key: bool) -> yaml.Node:
    """The node at a location, or the nearest one around it; `key` asks for the key instead of its value."""
    for position, step in enumerate(location):
        if isinstance(tree, yaml.MappingNode):
            found = next((pair for pair in tree.value if pair[0].value == str(step)), None)
            if found is None:
                break
            last = position == len(location) - 1 or location[position + 1] == "[key]"
            tree = found[0] if last and (key or location[-1] == "[key]") else found[1]
        elif isinstance(tree, yaml.SequenceNode):
            same = [item for item in tree.value if item.value == step]
            tree = tree.value[step] if isinstance(step, int) else same[0] if same else tree
    return tree


def _at(where: str, node: yaml.Node) -> str:
    return f"{where}, line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"
