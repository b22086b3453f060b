"""Under which URL clients reach this server."""

from twisted.web.http import Request


def site_url(request: Request, public_url: str) -> str:
    """Without a slash at its end: ``public_url``, or what the client has used where that is "".

    The Host is one that looks like one: see ``is_sane``.
    """
    if public_url:
        return public_url.rstrip("/")
    scheme = "https" if request.isSecure() else "http"
    host = request.getHeader(b"host") or b""
    if host:
        return f"{scheme}://{host.decode('ascii')}"
    here = request.getHost()
    name = getattr(here, "host", "localhost")
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{getattr(here, 'port', 80)}"
