"""A request as operations get it: by whom, with which values, and what it may work with."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from twisted.web.server import Request

from magroup.groups.editing import EditError, NotSavedError, Rules
from magroup.groups.rights import Rights
from magroup.groups.viewers import Viewer
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.web.api.parts import ApiParts
from magroup.web.api.problem import changed_meanwhile, forbidden, refused_edit, unavailable
from magroup.web.identity import Identity

T = TypeVar("T")
Edit = Callable[[Configuration], Configuration]


@fixed
class Call:
    """``path`` are the parameters of the path, ``query`` and ``body`` what the operation says it takes."""

    parts: ApiParts
    identity: Identity
    path: Mapping[str, Any]
    query: Any
    body: Any
    request: Request
    if_match: tuple[str, ...] = ()
    """ETags of which one must be the thing's, ``*`` for any; none: whatever it is."""

    @property
    def configuration(self) -> Configuration:
        """What is in force."""
        return self.parts.editing.configuration

    @property
    def rules(self) -> Rules:
        return self.parts.editing.rules

    @property
    def rights(self) -> Rights:
        return Rights(self.identity.user_name, self.identity.privileges)

    @property
    def viewer(self) -> Viewer:
        """As ``rights``, for questions about many. Raises ApiError where the user is gone."""
        viewer = self.parts.live.viewers.get(self.identity.user_name)
        if viewer is None:
            raise forbidden("This is no user.")
        return viewer

    async def edit(self, edit: Edit) -> Configuration:
        """Change the configuration by a pure function. Raises ApiError; nothing is changed then."""
        identity = self.identity
        return await self.saved(lambda: self.parts.editing.edit(edit, identity.user_name, identity.address))

    async def saved(self, work: Callable[[], Awaitable[T]]) -> T:
        """What ``work`` gives that saves something. Raises ApiError for what it refuses."""
        try:
            return await work()
        except EditError as refused:
            raise refused_edit(refused) from None
        except NotSavedError:
            raise unavailable() from None

    def expect(self, tag: str, thing: Any) -> None:
        """Within an edit: raise ApiError where the client has read another version of ``thing`` than this."""
        if self.if_match and "*" not in self.if_match and tag not in self.if_match:
            raise changed_meanwhile(self.parts.superseded.changed(self.if_match, thing))
