"""What a message is: a class by the name of its root element, whose attributes are the children in their order."""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from magroup.csta.edition import Edition
from magroup.csta.errors import MISSING_PARAMETER, CstaError
from magroup.csta.kinds import Element, Read, Write, local_name, read_raw, write_raw

T = TypeVar("T")
EXTENSIONS = "extensions"
"""The vendor's own data: the last child of every message."""
PART = "part"
NEEDED: Any = object()

MESSAGES: "dict[str, type[Message]]" = {}
"""All messages by their root elements."""


class Part:
    """A child of an element: its name, the attribute that holds it, and what kind of value it is.

    ``is_needed``: a message without it cannot be read. ``since``: the edition that knows it, which it is written to.
    """

    __slots__ = ("attribute", "default", "is_needed", "name", "read", "since", "write")

    def __init__(self, name: str, read: Read, write: Write, default: Any, since: Edition) -> None:
        self.name = name
        self.read = read
        self.write = write
        self.default = default
        self.is_needed = default is NEEDED
        self.since = since
        self.attribute = ""


@dataclass(frozen=True)
class Record:
    """An element with children that are known by their names. What is unknown is passed over."""

    parts: ClassVar[tuple[Part, ...]] = ()
    by_name: ClassVar[dict[str, Part]] = {}
    needed: ClassVar[tuple[Part, ...]] = ()

    @classmethod
    def read(cls: type[T], element: Element, skip: str = "") -> T:
        """From its element; ``skip`` is a child that is not read. Raises CstaError."""
        by_name: dict[str, Part] = cls.by_name  # type: ignore[attr-defined]
        values: dict[str, Any] = {}
        for child in element:
            part = by_name.get(local_name(child))
            # The first one counts where there should be one only.
            if part is not None and part.attribute not in values and part.name != skip:
                values[part.attribute] = part.read(child)
        for part in cls.needed:  # type: ignore[attr-defined]
            if part.attribute not in values:
                raise CstaError(MISSING_PARAMETER, f"{local_name(element)} has no {part.name}")
        return cls(**values)

    def write(self, edition: Edition) -> str:
        """Its children."""
        found = []
        for part in self.parts:
            value = getattr(self, part.attribute)
            if (part.is_needed or value != part.default) and part.since <= edition:
                found.append(part.write(part.name, value, edition))
        return "".join(found)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(kind: type[T]) -> type[T]:
    """A class of values, made of children that its attributes declare (``magroup.csta.child``)."""
    made = cast(Any, dataclass(frozen=True, kw_only=True)(kind))
    parts = []
    for one in fields(made):
        part = one.metadata[PART]
        part.attribute = one.name
        parts.append(part)
    parts.sort(key=lambda part: bool(part.name == EXTENSIONS))
    made.parts = tuple(parts)
    made.by_name = {part.name: part for part in parts}
    made.needed = tuple(part for part in parts if part.is_needed)
    return cast(type[T], made)


@record
class Message(Record):
    """A whole message. ``is_session``: it is one of ECMA-354. ``extensions`` is XML, "" where it is not kept."""

    is_session: ClassVar[bool] = False

    extensions: str = field(default="", metadata={PART: Part(EXTENSIONS, read_raw, write_raw, "", Edition.ED2)})

    @property
    def root(self) -> str:
        """The name of the root element."""
        return type(self).__name__


@dataclass_transform(frozen_default=True, kw_only_default=True)
def message(kind: type[T]) -> type[T]:
    """A message, found by the name of its class from now on."""
    made = record(kind)
    MESSAGES[made.__name__] = cast(type[Message], made)
    return made
