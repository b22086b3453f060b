"""Which operation a path means: a tree of its segments, where words go before parameters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from magroup.model.checks import LARGEST_ID, LONGEST_TEXT
from magroup.model.fixed import fixed
from magroup.web.api.operation import Operation
from magroup.web.sounds import TONES, WAVES


def _id(text: str) -> int | None:
    """An id as we write it; anything else names nothing."""
    if not text.isascii() or not text.isdigit() or len(text) > 10 or text != str(int(text)):
        return None
    return int(text) if 1 <= int(text) <= LARGEST_ID else None


def _text(text: str) -> str | None:
    return text if 0 < len(text) <= LONGEST_TEXT and text.isprintable() else None


@fixed
class Parameter:
    """A part of a path: how it is read (None: it names nothing), its JSON schema, and what it is."""

    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    doc: str


def _id_of(what: str) -> Parameter:
    return Parameter(_id, {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}, f"Id of the {what}.")


def _text_of(doc: str) -> Parameter:
    return Parameter(_text, {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}, doc)


def _one_of(words: tuple[str, ...], doc: str) -> Parameter:
    return Parameter(lambda text: text if text in words else None, {"type": "string", "enum": list(words)}, doc)


PARAMETERS: Mapping[str, Parameter] = {
    "user_id": _id_of("user"),
    "contact_id": _id_of("contact"),
    "trunk_id": _id_of("trunk"),
    "group_id": _id_of("group"),
    "member_id": _id_of("member"),
    "announcement_id": _id_of("announcement"),
    "vip_id": _id_of("VIP entry"),
    "token_id": _id_of("token"),
    "number": _text_of("Number of the line."),
    "device_name": _text_of("Device name of the phone, in any case of letters."),
    "user_name": _text_of("User name, in any case of letters."),
    "call_id": _text_of("Id of the call."),
    "kind": _one_of((WAVES, TONES), "Sounds for callers, or tones for the gadget."),
    "sound": _text_of("Name of the sound, in any case of letters."),
    "box": _text_of("Number of the mailbox."),
    "message_id": _text_of("Id of the message."),
    "setting": _text_of("Name of the setting, such as calls.max_calls."),
}


@dataclass
class _Node:
    words: dict[str, "_Node"] = field(default_factory=dict)
    parameter: str = ""
    below: "_Node | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)


class Paths:
    """Finds operations by path and method."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            node = self._node(operation.path)
            if operation.method in node.operations:
                raise ValueError(f"{operation.method} {operation.path} is there twice")
            node.operations[operation.method] = operation

    def find(self, path: bytes) -> tuple[Mapping[str, Operation], Mapping[str, Any]]:
        """The operations at ``path``, which begins with a slash, by method, and its parameters."""
        try:
            segments = [unquote_to_bytes(segment).decode() for segment in path.split(b"/")[1:]]
        except UnicodeDecodeError:
            return {}, {}
        node, values = self._root, {}
        for segment in segments:
            if segment in node.words:
                node = node.words[segment]
            elif node.below is not None and (value := PARAMETERS[node.parameter].read(segment)) is not None:
                values[node.parameter] = value
                node = node.below
            else:
                return {}, {}
        return node.operations, values

    def _node(self, path: str) -> _Node:
        node = self._root
        for segment in path.split("/")[1:]:
            if not segment.startswith("{"):
                node = node.words.setdefault(segment, _Node())
                continue
            name = segment.strip("{}")
            if node.below is None:
                node.parameter, node.below = name, _Node()
            if node.parameter != name or name not in PARAMETERS:
                raise ValueError(f"{path}: {name} is another parameter than {node.parameter}, or unknown")
            node = node.below
        return node
