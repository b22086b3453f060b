"""Answers: a body with its header fields, a redirection, an error page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from twisted.web.http import CACHED
from twisted.web.iweb import IRequest
from twisted.web.server import Request

from magroup.web.static_files import StaticFile
from magroup.web.templates import Templates

HTML = b"text/html; charset=utf-8"
PLAIN = b"text/plain; charset=utf-8"


def answer(request: IRequest, content: str | bytes, content_type: bytes = HTML, code: int = 200) -> bytes:
    """The body of an answer that is made anew for each request; its header fields and status are set."""
    body = content.encode() if isinstance(content, str) else content
    answered = cast(Request, request)
    answered.setResponseCode(code)
    answered.setHeader(b"Content-Type", content_type)
    answered.setHeader(b"Content-Length", str(len(body)).encode())
    answered.setHeader(b"Cache-Control", b"no-store")
    return body


def redirect(request: IRequest, path: str) -> bytes:
    """Send the browser to ``path`` of this site, which is a URL already."""
    body = answer(request, b"", PLAIN)
    cast(Request, request).redirect(path.encode("ascii"))
    return body


def error_page(
    templates: Templates, request: IRequest, code: int, sentence: str = "", headers: Mapping[str, str] | None = None
) -> bytes:
    """The page for an HTTP error; ``sentence`` in place of the status's own, ``headers`` that belong to the status."""
    status = HTTPStatus(code)
    for name, value in (headers or {}).items():
        cast(Request, request).setHeader(name.encode(), value.encode())
    page = templates.render("error.html", code=code, phrase=status.phrase, sentence=sentence or status.description)
    return answer(request, page, code=code)


def file_answer(request: IRequest, file: StaticFile) -> bytes:
    """``file``, or 304 where the browser has it already; it asks again each time."""
    answered = cast(Request, request)
    if answered.setETag(file.etag) is CACHED:
        answered.setHeader(b"Cache-Control", b"no-cache")
        return b""
    body = answer(request, file.content, file.content_type)
    answered.setHeader(b"Cache-Control", b"no-cache")
    return body
