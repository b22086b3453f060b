"""A call of one of the functions: what was sent, by whom, and what it may work with."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import IO, Any

from lxml import etree
from werkzeug.exceptions import Forbidden

from magroup.groups.editing import EditError, Editing, NotSavedError, Problem
from magroup.groups.member_states import MemberStates
from magroup.groups.presence import PresenceBook
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.web.identity import Identity
from magroup.web.rest.parameters import Parameters
from magroup.web.rest.refusal import Refusal, error
from magroup.web.rest.turns import Turns
from magroup.web.rest.xml import Value
from magroup.web.sounds import AudioFiles, InThread


@fixed
class Parts:
    """What the functions work with."""

    editing: Editing
    states: MemberStates
    presence: PresenceBook
    waves: AudioFiles
    tones: AudioFiles
    in_thread: InThread
    turns: Turns


@fixed
class Call:
    """``site`` is the URL of the server without a slash at its end, ``instance`` the name that it has in paths.

    ``body`` and ``content_type`` are for uploads, which read their body themselves.
    """

    parts: Parts
    parameters: Parameters
    identity: Identity
    site: str
    instance: str
    body: IO[bytes]
    content_type: str

    @property
    def configuration(self) -> Configuration:
        return self.parts.editing.configuration

    def must_be_allowed(self, allowed: bool, what: str) -> None:
        if not allowed:
            raise Forbidden(f"{what} takes another privilege")

    async def edit(
        self, edit: Callable[[Configuration], Configuration], words: Mapping[tuple[Problem, str], str] | None = None
    ) -> Configuration:  # fmt: skip
        """Do an edit; ``words`` are the status words for problems with fields, for all others it is ERROR."""
        try:
            return await self.parts.editing.edit(edit, self.identity.user_name, self.identity.address)
        except EditError as refused:
            word = (words or {}).get((refused.problem, refused.field), "ERROR")
            raise Refusal(word, refused.sentence) from None
        except NotSavedError as failed:
            raise error(str(failed)) from None


@fixed
class Listed:
    """Things that are shown as an element each."""

    things: Sequence[Any]
    show: Callable[[Any], etree._Element]


Content = str | Listed | Iterable[etree._Element]
"""What stands in <Response>: a word, or elements."""


@fixed
class Function:
    """A function of the manual.

    ``word`` stands in <Request>, or is made from the parameters; ``methods`` are those documented; of ``privileges``
    any is enough, none at all are needed when it is empty. ``with_id`` gives what is in <id> beside a word of failure;
    without it the word stands alone.
    """

    word: str | Callable[[Parameters], str]
    run: Callable[[Call], Awaitable[Content]]
    privileges: tuple[str, ...] = ()
    methods: tuple[bytes, ...] = (b"GET", b"POST")
    with_id: Callable[[Call], Value] | None = None
    is_upload: bool = False
    depends: Callable[[Call], object] | None = None
    """For answers that may be kept: what they are made from beside the parameters and the configuration."""
