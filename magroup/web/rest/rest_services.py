"""The functions as the web site mounts them: admission, parameters, one answer in XML, one line in the log."""

from collections.abc import Callable, Hashable
from http import HTTPStatus
from typing import IO, Protocol, cast

from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.web.iweb import IRequest
from twisted.web.server import Request
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound

from magroup.web.answers import answer
from magroup.web.identity import Identity
from magroup.web.rest import announcements, files, groups, members, services, vip
from magroup.web.rest.call import Call, Content, Function, Listed, Parts
from magroup.web.rest.kept_answers import KeptAnswers
from magroup.web.rest.parameters import Parameters, read_parameters
from magroup.web.rest.refusal import Refusal
from magroup.web.rest.xml import CONTENT_TYPE, document, leaf
from magroup.web.site_url import site_url

_FAMILIES = {
    "announcements": announcements.FUNCTIONS,
    "files": files.FUNCTIONS,
    "groups": groups.FUNCTIONS,
    "members": members.FUNCTIONS,
    "services": services.FUNCTIONS,
    "vip": vip.FUNCTIONS,
}
FUNCTIONS = {
    (family, name.lower()): function for family, functions in _FAMILIES.items() for name, function in functions.items()
}
"""By family and name in lower case."""

FEW = 50
"""Things that are shown at once; longer lists are written in a thread, so that no call waits for them."""

LONGEST_REASON = 300


class Admission(Protocol):
    """Who may come in."""

    async def rest(self, request: IRequest) -> Identity:
        """Who makes the request. Raises Unauthorized or Forbidden of Werkzeug."""
        ...


class RestServices:
    """All functions of one instance. ``public_url`` gives the configured one, "" for what the client has used."""

    log = Logger()

    def __init__(self, instance: str, public_url: Callable[[], str], admission: Admission, parts: Parts) -> None:
        self._instance = instance
        self._public_url = public_url
        self._admission = admission
        self._parts = parts
        self._kept = KeptAnswers()

    async def answer(self, request: IRequest, family: str, name: str) -> bytes:
        """The answer to a request for a function; both names are in lower case. Raises NotFound."""
        function = FUNCTIONS.get((family, name.removesuffix(".asp")))
        if function is None:
            raise NotFound
        asked = cast(Request, request)
        identity = None
        try:
            if asked.method not in function.methods:
                raise MethodNotAllowed([method.decode() for method in function.methods], "wrong method")
            await self._parts.turns.turn()
            identity = await self._admission.rest(request)
            if function.privileges and not any(map(identity.has, function.privileges)):
                raise Forbidden(f"this takes the privilege {' or '.join(function.privileges)}")
            return answer(request, await self._answered(asked, function, identity), CONTENT_TYPE)
        except HTTPException as refused:
            code = refused.code or 500
            for header, value in refused.get_headers():
                if header not in ("Content-Type", "Content-Length"):
                    asked.setHeader(header.encode(), value.encode())
            self._tell(name, identity, asked, f"{code}, {refused.description}")
            word = function.word if isinstance(function.word, str) else function.word(Parameters(()))
            return answer(request, document(word, HTTPStatus(code).phrase), CONTENT_TYPE, code)

    async def _answered(self, request: Request, function: Function, identity: Identity) -> bytes:
        content_type = (request.getHeader(b"content-type") or b"").decode("latin-1")
        query = request.uri.partition(b"?")[2]
        body = cast(IO[bytes], request.content)
        sent = Parameters(()) if function.is_upload else read_parameters(query, content_type, body)
        site = site_url(request, self._public_url())
        call = Call(self._parts, sent, identity, site, self._instance, body, content_type)
        state: Hashable = None
        if function.depends is not None:
            state = (call.configuration.version, call.configuration.plan, function.depends(call))
            kept = self._kept.get(function, sent.key, state)
            if kept is not None:
                return kept
        word = function.word if isinstance(function.word, str) else function.word(sent)
        written = await self._written(word, await self._content(request, function, call))
        if function.depends is not None:
            self._kept.keep(function, sent.key, state, written)
        return written

    async def _content(self, request: Request, function: Function, call: Call) -> Content:
        try:
            return await function.run(call)
        except Refusal as refused:
            self._tell(request.path.rpartition(b"/")[2].decode(), call.identity, request, refused.reason)
            word = refused.word
        except (HTTPException, CancelledError):
            raise
        except Exception:
            self.log.failure("a function of the REST services failed")
            word = "ERROR"
        if function.with_id is None:
            return word
        return [leaf("id", function.with_id(call)), leaf("status", word)]

    async def _written(self, word: str, content: Content) -> bytes:
        if not isinstance(content, Listed):
            return document(word, content)
        listed = content
        if len(listed.things) <= FEW:
            return document(word, map(listed.show, listed.things))
        return await self._parts.in_thread(lambda: document(word, map(listed.show, listed.things)))

    def _tell(self, name: str, identity: Identity | None, request: Request, reason: str) -> None:
        self.log.info(
            "REST {function} for {user} at {address} refused: {reason}",
            function=name,
            user=(identity.user_name or "this machine") if identity else "nobody",
            address=identity.address if identity else getattr(request.getClientAddress(), "host", "unix"),
            reason=reason[:LONGEST_REASON],
        )
