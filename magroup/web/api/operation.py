"""What the API can do, as data: the router, the admission and the OpenAPI document are made from the same table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from magroup.model.fixed import fixed
from magroup.model.people import Privilege

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method at one path.

    ``path`` has its parameters in braces, whose types are in ``paths.PARAMETERS``. A token needs ``scope``, any is
    enough where it is ""; the user needs one of ``privileges``, if there are any. ``query`` and ``body`` are what is
    read before ``run`` is called with the Call; what it returns is an Answer with ``answer`` in it, sent with ``code``,
    or a Stream of one of ``streams``, content types with their description.
    ``problems`` are the statuses of refusals beside those that every operation has.
    """

    method: str
    path: str
    id: str
    summary: str
    tag: str
    run: Callable[[Any], Any]
    scope: str = ""
    privileges: tuple[Privilege, ...] = ()
    query: type[Struct] | None = None
    body: Any = None
    raw_body: tuple[str, ...] = ()
    """The content types of a body that ``run`` reads itself."""
    answer: Any = None
    code: int = 200
    streams: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    is_tagged: bool = False
    """Answers have an ETag, requests may have If-None-Match or, where they change something, If-Match."""
    is_ranged: bool = False
    """Sends a part of the file where one is asked for (RFC 9110 section 14)."""
    sessions_only: bool = False
    """Not for tokens: what a person must do."""


@fixed
class Answer:
    """``content`` is what the operation says it answers with, None: no body. ``tag`` is the ETag without its quotes."""

    content: Any = None
    tag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
