"""Whether a request comes from a page of this site: what browsers say of it, and the token of the session's forms."""

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from twisted.web.http import Request
from twisted.web.iweb import IRequest

from magroup.web.form import form_fields

SAFE = (b"GET", b"HEAD", b"OPTIONS")
_USUAL_PORTS = {"http": 80, "https": 443}


def is_from_elsewhere(request: Request, public_url: str = "") -> bool:
    """Whether the browser says that a page of another site makes this request: by Fetch Metadata, Origin (RFC 6454) or
    Referer, the only one of these in a GET over plain HTTP.

    Programs say nothing. A request that a user begins, by typing or by a bookmark, is not from elsewhere.
    """
    headers = request.requestHeaders
    sites = headers.getRawHeaders(b"sec-fetch-site") or []
    if any(site.strip().lower() not in (b"same-origin", b"none") for site in sites):
        return True
    pages = [*(headers.getRawHeaders(b"origin") or []), *(headers.getRawHeaders(b"referer") or [])]
    return any(not _is_ours(page.decode("ascii", "replace"), request, public_url) for page in pages)


def is_ours_by_host(request: Request, public_url: str = "") -> bool:
    """Whether Host names this machine in a way that no other can take over: a web page may give its own name any
    address, ours too, but not have an address, localhost or our public name for its own. Old programs send none.
    """
    return _is_ours_for_sure(_host(request), public_url)


@lru_cache(maxsize=256)
def _is_ours_for_sure(host: str, public_url: str) -> bool:
    name = _host_name(f"//{host}")
    try:
        ip_address(name or "")
    except ValueError:
        return name is not None and (
            name in ("", "localhost", _host_name(public_url)) or name.endswith(".localhost")
        )
    return True


def form_token(session_id: str) -> str:
    """What forms of a session hold: whoever does not know the session's id cannot make it."""
    digest = hmac.digest(session_id.encode(), b"magroup forms", "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def has_form_token(request: Request, session_id: str) -> bool:
    """Whether the request has the session's token: in X-CSRF-Token, else in a form's field ``csrf``."""
    sent = request.requestHeaders.getRawHeaders(b"x-csrf-token")
    sent = sent or form_fields(cast(IRequest, request)).get(b"csrf") or []
    return len(sent) == 1 and hmac.compare_digest(sent[0], form_token(session_id).encode())


def _is_ours(origin: str, request: Request, public_url: str) -> bool:
    own = {_place(f"http://{_host(request)}"), _place(f"https://{_host(request)}")}
    if public_url:
        own.add(_place(public_url))
    place = _place(origin)
    return place is not None and place in own


def _place(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = _USUAL_PORTS.get(parts.scheme)
    if usual is None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or usual


def _host_name(url: str) -> str | None:
    """ "" where there is none, None where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return None


def _host(request: Request) -> str:
    hosts = request.requestHeaders.getRawHeaders(b"host") or []
    return hosts[0].decode("ascii", "replace").strip().lower() if len(hosts) == 1 else ""
