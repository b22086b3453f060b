"""The gadget's page with its own Content-Security-Policy (W3C CSP Level 3), and its web app manifest (W3C)."""

import json
from typing import cast

from twisted.web.http import Request
from twisted.web.iweb import IRequest

from magroup.model.languages import Language
from magroup.web.admission.admission import LOGIN_PAGE, Admission
from magroup.web.admission.frames import allow_frames
from magroup.web.answers import answer
from magroup.web.templates import Templates

MANIFEST = b"application/manifest+json; charset=utf-8"
SOUNDS_AND_MANIFEST = "; media-src 'self'; manifest-src 'self'"
_POLICY = b"Content-Security-Policy"
_CONNECTIONS = "connect-src 'self'"


class GadgetPage:
    """Each method answers one route."""

    def __init__(self, admission: Admission, templates: Templates, instance: str) -> None:
        self._admission = admission
        self._templates = templates
        self._instance = instance

    async def page(self, request: IRequest) -> bytes:
        """The page in its user's language. Raises LoginNeeded, which comes back to it."""
        asked = cast(Request, request)
        settings = self._admission.settings
        allow_frames(asked, settings.http.framed_by)
        identity = await self._admission.page(request)
        user = self._admission.user(identity)
        language = Language.of(user.language if user else "", Language(settings.language))
        _allow_sounds_and_socket(asked, self._admission.clients.of(asked).secure)
        return answer(request, self._templates.render("gadget.html", language=language, login=LOGIN_PAGE))

    def manifest(self, request: IRequest) -> bytes:
        """What makes the page an application of the desktop. Browsers ask for it without a session."""
        manifest = {
            "name": self._instance,
            "short_name": self._instance[:12],
            "id": "Jabber.asp",
            "start_url": "Jabber.asp",
            "scope": "./",
            "display": "standalone",
            "background_color": "#f3f5f8",
            "theme_color": "#0b5f8a",
            "icons": [
                {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
                *(
                    {"src": f"/static/gadget/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
                    for size in (192, 512)
                ),
            ],
        }
        return answer(request, json.dumps(manifest, ensure_ascii=False), MANIFEST)


def _allow_sounds_and_socket(request: Request, secure: bool) -> None:
    """Browsers differ in whether 'self' means the WebSockets of a site too."""
    host = (request.getHeader(b"host") or b"").decode("ascii", "replace")
    socket = f" {'wss' if secure else 'ws'}://{host}" if host else ""
    headers = request.responseHeaders
    (policy,) = (value.decode() for value in headers.getRawHeaders(_POLICY) or [b""])
    allowed = policy.replace(_CONNECTIONS, _CONNECTIONS + socket) + SOUNDS_AND_MANIFEST
    headers.setRawHeaders(_POLICY, [allowed.encode()])
