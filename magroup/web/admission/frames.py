"""Pages that other sites may show in a frame: the gadget, and the login on the way to it."""

from twisted.web.http import Request

from magroup.web.request import SECURITY_HEADERS

_POLICY = b"Content-Security-Policy"
_NOBODY = b"frame-ancestors 'none'"


def allow_frames(request: Request, sites: tuple[str, ...]) -> None:
    """Let pages of this site and of ``sites`` (origins) show the answer in a frame."""
    headers = request.responseHeaders
    ancestors = " ".join(("frame-ancestors 'self'", *sites)).encode()
    headers.setRawHeaders(_POLICY, [SECURITY_HEADERS[_POLICY].replace(_NOBODY, ancestors)])
    headers.removeHeader(b"X-Frame-Options")
