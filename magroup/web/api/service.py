"""The API as the web site mounts it: admission, limits, what is sent, one answer in JSON or one problem."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from inspect import isawaitable
from typing import IO, Any, Protocol, cast
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.web.iweb import IRequest
from twisted.web.server import Request
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header

from magroup.groups.editing import EditError
from magroup.model.unavailable import Unavailable
from magroup.web import answers
from magroup.web.api.call import Call
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.parts import ApiParts
from magroup.web.api.paths import Paths
from magroup.web.api.problem import (
    CONTENT_TYPE,
    ApiError,
    FieldError,
    document,
    forbidden,
    invalid,
    not_found,
    refused_edit,
    unavailable,
)
from magroup.web.api.reading import validation_error
from magroup.web.api.stream import Stream
from magroup.web.api.tags import read_tags
from magroup.web.identity import Identity

ROOT = "/api/v1"
JSON = b"application/json"
MOST_PARAMETERS = 100
LONGEST_REASON = 300
_SAFE = (b"GET", b"HEAD")
_OF_THE_BODY = ("Content-Type", "Content-Length")
_OF_A_STREAM = ("Content-Disposition", "Accept-Ranges", "Content-Range", "ETag")


class Admission(Protocol):
    """Who may come in."""

    async def api(self, request: IRequest, scope: str) -> Identity:
        """Who makes the request. Raises Unauthorized or Forbidden of Werkzeug."""
        ...


class Rates(Protocol):
    """How often somebody may ask."""

    def wait(self, who: str) -> float:
        """Seconds to wait before the next request, 0.0 where it may be made now; it counts then."""
        ...


class ApiService:
    """All operations. ``document`` makes the OpenAPI document of the same table, in a thread when it is asked for."""

    log = Logger()

    def __init__(
        self, operations: Iterable[Operation], document: Callable[[], bytes], admission: Admission, rates: Rates,
        parts: ApiParts,
    ) -> None:  # fmt: skip
        self._paths = Paths(operations)
        self._make_document = document
        self._document = b""
        self._admission = admission
        self._rates = rates
        self._parts = parts

    async def answer(self, request: IRequest) -> bytes:
        """The answer to a request below /api/v1; a stream is sent before this returns."""
        asked = cast(Request, request)
        try:
            return await self._answered(asked)
        except ApiError as refused:
            return self._refused(asked, refused)
        except EditError as refused:
            return self._refused(asked, refused_edit(refused))
        except HTTPException as refused:
            code = refused.code or 500
            headers = {name: value for name, value in refused.get_headers() if name not in _OF_THE_BODY}
            return self._refused(asked, ApiError(code, refused.description or HTTPStatus(code).phrase, headers=headers))
        except Unavailable as away:
            self.log.error(
                "{method} {path} not done: {reason}", method=_method(asked), path=_path(asked), reason=str(away)
            )
            return self._refused(asked, unavailable())
        except CancelledError:
            raise
        except Exception:
            self.log.failure("{method} {path} of the API failed", method=_method(asked), path=_path(asked))
            return self._refused(asked, ApiError(500, "Something went wrong here; it has been logged."))

    async def _answered(self, request: Request) -> bytes:
        path = request.path.removeprefix(ROOT.encode())
        method = "GET" if request.method == b"HEAD" else _method(request)
        if path in (b"/openapi.json", b"/openapi.json/"):
            return await self._openapi(request, method)
        operations, values = self._paths.find(path)
        if not operations:
            raise not_found()
        operation = operations.get(method)
        if operation is None:
            raise _not_allowed(operations)
        identity = await self._admitted(request, operation)
        call = Call(
            self._parts, identity, values, _query(operation, request), _body(operation, request), request,
            _if_match(request),
        )  # fmt: skip
        found = operation.run(call)
        if isawaitable(found):
            found = await found
        if isinstance(found, Stream):
            return await self._streamed(request, found)
        return _sent(request, operation, found)

    async def _admitted(self, request: Request, operation: Operation) -> Identity:
        identity = await self._admission.api(cast(IRequest, request), operation.scope)
        if operation.sessions_only and request.requestHeaders.hasHeader("authorization"):
            raise forbidden("This takes a login on the web, not a token.")
        if operation.privileges and not any(identity.has(privilege.value) for privilege in operation.privileges):
            names = " or ".join(privilege.value for privilege in operation.privileges)
            raise forbidden(f"This takes the privilege {names}.")
        seconds = self._rates.wait(f"{identity.user_name.casefold()} {identity.address}")
        if seconds:
            headers = {"Retry-After": str(max(1, round(seconds)))}
            raise ApiError(429, "Too many requests. Try again later.", headers=headers)
        return identity

    async def _openapi(self, request: Request, method: str) -> bytes:
        if method != "GET":
            raise _not_allowed(("GET",))
        if not self._document:
            self._document = await self._parts.in_thread(self._make_document)
        return _answer(request, self._document, JSON)

    async def _streamed(self, request: Request, stream: Stream) -> bytes:
        request.setResponseCode(stream.code)
        request.setHeader("Content-Type", stream.content_type)
        request.setHeader("Cache-Control", "no-store")
        for name, value in stream.headers.items():
            request.setHeader(name, value)
        if request.method == b"HEAD":
            await stream.leave()
        else:
            await stream.send(request)
        return b""

    def _refused(self, request: Request, error: ApiError) -> bytes:
        for name in _OF_A_STREAM:
            request.responseHeaders.removeHeader(name)
        for name, value in error.headers.items():
            request.setHeader(name, value)
        if error.status not in (401, 404, 405, 500):
            self.log.info(
                "API {method} {path} refused: {status}, {reason}", method=_method(request), path=_path(request),
                status=error.status, reason=error.detail[:LONGEST_REASON],
            )  # fmt: skip
        return _answer(request, msgspec.json.encode(document(error)), CONTENT_TYPE, error.status)


def bad_request(request: IRequest, sentence: str) -> bytes:
    """The answer to a request that is none."""
    return answers.answer(request, msgspec.json.encode(document(ApiError(400, sentence))), CONTENT_TYPE, 400)


def _answer(request: Request, content: bytes, content_type: bytes, code: int = 200) -> bytes:
    return answers.answer(cast(IRequest, request), content, content_type, code)


def _sent(request: Request, operation: Operation, found: Answer) -> bytes:
    for name, value in found.headers.items():
        request.setHeader(name, value)
    if found.tag:
        request.setHeader("ETag", f'"{found.tag}"')
        header = request.getHeader("if-none-match")
        if header is not None and request.method in _SAFE:
            known = read_tags(header, "If-None-Match")
            if "*" in known or found.tag in known:
                request.setResponseCode(304)
                request.setHeader("Cache-Control", "no-cache")
                return b""
    if found.content is None:
        request.setResponseCode(operation.code)
        request.setHeader("Cache-Control", "no-store")
        return b""
    body = _answer(request, msgspec.json.encode(found.content), JSON, operation.code)
    if found.tag:
        request.setHeader("Cache-Control", "private, no-cache")
    return body


def _if_match(request: Request) -> tuple[str, ...]:
    header = request.getHeader("if-match")
    return () if header is None else read_tags(header, "If-Match")


def _query(operation: Operation, request: Request) -> Struct | None:
    text = request.uri.partition(b"?")[2]
    if len(text) > 8192 or text.count(b"&") >= MOST_PARAMETERS:
        raise ApiError(400, "The query is too long.")
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise ApiError(400, "The query is not UTF-8.") from None
    kind = operation.query
    known = kind.__struct_encode_fields__ if kind is not None else ()
    values: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise ApiError(400, f"{name[:50]} is no parameter here.", (FieldError(name[:50], "is no parameter here"),))
        if name in values:
            raise ApiError(400, f"{name} is there twice.", (FieldError(name, "is there twice"),))
        values[name] = value
    if kind is None:
        return None
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise validation_error(wrong, 400) from None


def _body(operation: Operation, request: Request) -> Any:
    if operation.body is None:
        return None
    kind, _ = parse_options_header((request.getHeader("content-type") or "").encode("ascii", "replace").decode())
    if kind != "application/json":
        raise invalid("Content-Type", "must be application/json", 415)
    content = cast(IO[bytes], request.content)
    content.seek(0)
    try:
        return msgspec.json.decode(content.read(), type=operation.body)
    except msgspec.ValidationError as wrong:
        raise validation_error(wrong, 422) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError(400, "The body is no JSON.") from None


def _not_allowed(methods: Iterable[str]) -> ApiError:
    allowed = sorted({*methods, *(("HEAD",) if "GET" in methods else ())})
    return ApiError(405, "This method is not possible here.", headers={"Allow": ", ".join(allowed)})


def _method(request: Request) -> str:
    return request.method.decode("ascii", "replace")[:20]


def _path(request: Request) -> str:
    return request.path.decode("ascii", "replace")[:LONGEST_REASON]


