"""The authentication URL: phones ask whether who pushes to them may; only pushes of our own that are under way may."""

from collections.abc import Callable, Mapping
from typing import cast

from twisted.logger import Logger
from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import BadRequest

from magroup.web.admission.client import Clients
from magroup.web.answers import answer
from magroup.web.form import form_fields
from magroup.web.phone.push.credentials import UnderWay
from magroup.web.request import SECURITY_HEADERS

AUTHORIZED, UNAUTHORIZED = b"AUTHORIZED", b"UN-AUTHORIZED"
LINES_A_MINUTE = 10
"""Refusals that are logged one by one; of the others only how many there were."""


class Authentication:
    """``seconds`` is the time."""

    log = Logger()

    def __init__(self, under_way: UnderWay, seconds: Callable[[], float]) -> None:
        self._under_way = under_way
        self._seconds = seconds
        self._minute = 0
        self._refused = 0

    def answer(self, request: IRequest, clients: Clients) -> bytes:
        """The word that phones know, and no header field that the old ones stumble over."""
        is_ours = self.is_ours(request, clients)
        body = answer(request, AUTHORIZED if is_ours else UNAUTHORIZED, b"text/plain")
        for name in SECURITY_HEADERS.keys() - {b"Server"}:
            cast(Request, request).responseHeaders.removeHeader(name)
        return body

    def is_ours(self, request: IRequest, clients: Clients) -> bool:
        """Whether the credentials in the query or form are those of a push to the phone that asks."""
        client = clients.of(cast(Request, request))
        try:
            fields = form_fields(request)
        except BadRequest:
            fields = {}
        user, password, device = (_field(fields, name) for name in (b"UserID", b"Password", b"devicename"))
        is_known = self._under_way.knows(device, user, password, client.address)
        if is_known and client.is_certain:
            return True
        self._note(device, client.address)
        return False

    def _note(self, device: str, address: str) -> None:
        minute = int(self._seconds() // 60)
        if minute != self._minute:
            more = self._refused - LINES_A_MINUTE
            if more > 0:
                self.log.warn("{more} more credentials of pushes were refused in a minute", more=more)
            self._minute, self._refused = minute, 0
        self._refused += 1
        if self._refused <= LINES_A_MINUTE:
            self.log.warn(
                "credentials of a push to {device} were refused, which {address} asks about: no such push is under way",
                device=repr(device[:32]), address=address,
            )  # fmt: skip


def _field(fields: Mapping[bytes, list[bytes]], name: bytes) -> str:
    """The one value, "" where there is none, or more than one, or no UTF-8."""
    values = fields.get(name, [])
    try:
        return values[0].decode() if len(values) == 1 else ""
    except UnicodeDecodeError:
        return ""
