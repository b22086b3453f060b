"""Requests to the web site: pages, forms, uploads, the JSON API; each has an answer that is none of the 500s."""

import re
from contextlib import suppress
from io import BytesIO

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from werkzeug.exceptions import HTTPException

from magroup.web import form, multipart, request, uploads
from magroup.web import site as web_site
from magroup.web.admin import reading, visit
from magroup.web.admin.table import ROUTES
from magroup.web.api import OPERATIONS, paging, paths, service, tags
from magroup.web.form import field_of
from magroup.web.multipart import boundary_of
from magroup.web.phone import forms, pages
from magroup.web.phone.table import PAGES
from magroup.web.rest import FUNCTIONS, parameters, rest_services
from magroup.web.uploads import TooLarge
from tests.fuzz.target import Target, hold
from tests.fuzz.targets.web_server import DEVICE, connected, web

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) [^\r\n]*\Z")
_FIELD = re.compile(rb"[A-Za-z0-9-]+: ?[^\r\n\x00]*\Z")
_FINE = frozenset((501, 503, 505))


def _check(data: bytes) -> None:
    """The end of the header, if it has a Content-Length LEN, is followed by a body of that length."""
    site = web("site")
    if site.is_used_up:
        web.cache_clear()
        site = web("site")
    asked = data.replace(b"@COOKIE@", site.cookie.encode()).replace(b"@TOKEN@", site.token.encode())
    asked = asked.replace(b"@BEARER@", site.bearer.encode())
    head, blank, body = asked.partition(b"\r\n\r\n")
    asked = head.replace(b"LEN", b"%d" % len(body)) + blank + body
    protocol, wire = connected(site)
    protocol.dataReceived(asked)
    site.clock.advance(0)
    site.clock.advance(0.2)
    _answers(wire.value())
    protocol.connectionLost(Failure(ConnectionDone()))
    _parts(head, body)


def _answers(data: bytes) -> None:
    """The header of the first answer; a page that breaks is 500."""
    if not data:
        return
    lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    status = _STATUS.match(lines[0])
    hold(status is not None, "status line", lines[0])
    if status is not None:
        hold(int(status[1]) < 500 or int(status[1]) in _FINE, "status", data[:3000])
    for line in lines[1:]:
        hold(_FIELD.match(line), "header field", line)


def _parts(head: bytes, body: bytes) -> None:
    """The body alone, as a form with a file, with the boundary that the header names or a usual one."""
    for content_type in (
        head.decode("latin-1").rpartition("Content-Type: ")[2].partition("\r\n")[0],
        "multipart/form-data; boundary=b",
    ):
        try:
            found = uploads._read(BytesIO(body), boundary_of(content_type), "file", 8192)
        except (HTTPException, TooLarge):
            continue
        if found is not None:
            hold(len(found.content.read()) <= len(body), "content")
            found.content.close()
    with suppress(HTTPException):
        values = [value for name, value in form._urlencoded(body) if name == b"name"]
        hold(len(field_of({b"name": values}, "name", 50)) <= 50, "field")


def _asked(method: str, path: str, body: bytes = b"", *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost:8080", "Cookie: @COOKIE@", *more, "Content-Length: LEN"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _form(page: str, body: bytes) -> bytes:
    kind = "Content-Type: application/x-www-form-urlencoded"
    return _asked(
        "POST", f"/Applications/inbound/MAGroup/{page}", b"csrf=@TOKEN@&" + body, kind, "Origin: http://localhost:8080"
    )


def _upload(page: str, body: bytes, **fields: str) -> bytes:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    body = (
        parts.encode() + b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n@TOKEN@\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + body + b"\r\n--b--\r\n"
    )  # fmt: skip
    kind = "Content-Type: multipart/form-data; boundary=b"
    return _asked("POST", f"/Applications/inbound/MAGroup/{page}", body, kind, "Origin: http://localhost:8080")


def _api(method: str, path: str, body: bytes = b"") -> bytes:
    return _asked(
        method,
        f"/api/v1{path}",
        body,
        "Authorization: Bearer @BEARER@",
        "Content-Type: application/json",
        'If-Match: "x", *',
    )


def _phone(page: str) -> bytes:
    name, _, fields = page.partition("&")
    return _asked("GET", f"/phone/{name}?device={DEVICE}&{fields}", b"", "x-CiscoIPPhoneModelName: CP-8845",
                  "x-CiscoIPPhoneDisplay: 800, 480, 24, C", "Accept-Language: de")  # fmt: skip


def _rest(function: str, body: bytes = b"") -> bytes:
    kind = "Content-Type: application/x-www-form-urlencoded"
    return _asked("POST" if body else "GET", f"/Applications/inbound/MAGroup/rest/{function}", body, kind)


SEEDS = (
    _asked("GET", "/Applications/inbound/MAGroup/groups?of=45&q=a%20b"),
    _asked("GET", "/help/calls"),
    _asked("GET", "/static/../x%2f..%2f", b"", "Accept: text/html"),
    _asked(
        "POST",
        "/LogonPage.asp",
        b"user=Maria.Rossi&pwd=secret&to=%2F",
        "Content-Type: application/x-www-form-urlencoded",
    ),
    _form("users/contacts/new", b"number=0800&name=B%C3%A4nk&stars=3"),
    _form("groups/new", b"name=Sales&type=1"),
    _form("groups/rename?of=45", b"name=x"),
    _form("groups/join?of=45", b"user=Chiyo.Fujimoto&line=1202&short=Chi"),
    _form("vips?of=45", b"number=079&stars=2&name=A"),
    _form("settings/one?of=language", b"value=de&language=de"),
    _form("users/password?of=Maria.Santos", b"password=aaaaaaaaaaaa&again=aaaaaaaaaaaa"),
    _upload("users/import", b"name,first_name\nivo,Ivo\n", kind="users"),
    _upload("users/picture?of=72", b"\x89PNG\r\n\x1a\n"),
    _upload("groups/sounds?of=45", b"RIFF....WAVE"),
    _api("GET", "/groups?q=a&limit=2&format=csv"),
    _api("GET", "/groups/45/members"),
    _api("PATCH", "/groups/45", b'{"name":"Accounts","manager_timeout":12}'),
    _api("POST", "/contacts", b'{"number":"0800","name":"Bank","stars":2}'),
    _api("PUT", "/members/198/presence", b'{"value":"away","message":"x"}'),
    _api("POST", "/calls", b'{"from":"1071","to":"1175"}'),
    _api("PATCH", "/settings", b'{"language":"de","sip":{"t1":0.5}}'),
    _api("GET", "/openapi.json"),
    _asked(
        "POST",
        "/tokens",
        b"csrf=@TOKEN@&name=x&until=2030-01-01&scope=groups:read",
        "Content-Type: application/x-www-form-urlencoded",
    ),
    _phone("menu"),
    _phone("status&value=busy&message=x"),
    _phone("forwarding&to=number&number=079"),
    _phone("group&of=45"),
    _rest("groups/getGroups"),
    _rest("members/addMember", b"group_id=45&userid=chiyo.fujimoto&number=1202"),
    _rest("vip/addVip?groupId=45", b"number=079&rating=3"),
    _rest("files/getFile?name=Welcome.wav"),
    b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET /metrics HTTP/1.0\r\n\r\n",
)
TOKENS = (
    *(f" /Applications/inbound/MAGroup/{route.path} HTTP/1.1\r\n".encode() for route in ROUTES),
    *(f"/{route.path}?of=".encode() for route in ROUTES[::4]),
    *(f" /Applications/inbound/MAGroup/rest/{family}/{name} HTTP/1.1\r\n".encode() for family,
    name in sorted(FUNCTIONS)),
    *(f" /phone/{name}?device={DEVICE}".encode() for name in sorted(PAGES)),
    *sorted({f" /api/v1{re.sub('[{}]', '', one.path)} HTTP/1.1\r\n".encode() for one in OPERATIONS}),
    b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"HEAD ", b"OPTIONS ", b"\r\nContent-Length: ",
    b"\r\nTransfer-Encoding: chunked", b"\r\nExpect: 100-continue",
    b"\r\nContent-Type: multipart/form-data; boundary=b", b"\r\nContent-Type: application/json",
    b"\r\nRange: bytes=0-1", b"\r\nIf-None-Match: *", b"\r\nX-Forwarded-For: 1.2.3.4",
    b"\r\nAccept: text/csv", b"\r\nAuthorization: Basic YTpi", b"\r\nAuthorization: Bearer x", b"\r\nHost: b",
    b"\r\nCookie: a=b", b"\r\nAccept-Language: de-CH;q=0.5",
    b"%2e%2e%2f", b"%00", b"%ff", b"&of=1", b"?of=45", b"&name=", b"csrf=@TOKEN@&", b"--b\r\n", b"\r\n--b--",
    b'filename="', b"filename*=UTF-8''%ff", b'; name="file"', b"\r\n\r\n",
    b'{"name":', b'"stars":', b"null", b"[", b'"\\ud800"', b"1e400", b"45", b"198", b"/groups/45", b"/members/198",
    b"/lines/1071", b"/users/Maria.Rossi", b"Content-Transfer-Encoding: base64\r\n",
)  # fmt: skip
TARGET = Target(
    "site",
    _check,
    (
        request,
        web_site,
        form,
        multipart,
        uploads,
        reading,
        visit,
        paging,
        paths,
        service,
        tags,
        pages,
        forms,
        parameters,
        rest_services,
    ),
    SEEDS,
    TOKENS,
    20 << 10,
    kept=3072,
    fresh=150,
    seconds=1.0,
)
