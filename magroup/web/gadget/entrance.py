"""Where a gadget's socket comes in: from a page of this site, with a login (RFC 6455 sections 4.2.2 and 10.2)."""

from typing import cast

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from werkzeug.exceptions import BadRequest, ServiceUnavailable

from magroup.model.clock import Clock
from magroup.web.admission.admission import Admission
from magroup.web.gadget.gadget import Visitor
from magroup.web.gadget.gadget_metrics import GadgetCollector
from magroup.web.gadget.gadgets import Gadgets, TooManyGadgets
from magroup.web.gadget.websocket import WebSockets
from magroup.web.on_first_use import at_once
from magroup.web.sounds import InThread

SUBPROTOCOL = "magroup.1"


class Entrance:
    """The one route of the gadget's socket."""

    def __init__(self, gadgets: Gadgets, admission: Admission, clock: Clock, in_thread: InThread = at_once) -> None:
        self._gadgets = gadgets
        self._admission = admission
        self._sockets = WebSockets(SUBPROTOCOL, clock, in_thread)

    @property
    def metrics(self) -> GadgetCollector:
        return GadgetCollector(self._gadgets)

    async def socket(self, request: IRequest) -> IResource:
        """What takes the connection over. Raises Werkzeug's Forbidden, BadRequest, ServiceUnavailable.

        Whose login is over is told so by the socket: a browser tells its page nothing about one that was refused.
        """
        asked = cast(Request, request)
        self._admission.refuse_other_sites(request)
        if not self._sockets.is_wanted(asked):
            raise BadRequest(f"This is for WebSockets that speak {SUBPROTOCOL}.")
        sockets = await self._sockets.sockets()
        visitor = self._visitor(request)
        try:
            gadget = self._gadgets.admit(visitor)
        except TooManyGadgets:
            raise ServiceUnavailable("There are too many gadgets. Try again later.") from None
        return sockets.resource(gadget, self._admission.settings.http.websocket_message_limit)

    def _visitor(self, request: IRequest) -> Visitor:
        admission = self._admission
        identity = admission.viewer(request)
        if identity is None:
            return Visitor("", admission.clients.of(cast(Request, request)).address, lambda: False, lambda: False)
        login = admission.login_of(request)
        return Visitor(identity.user_name, identity.address, login.stays, login.uses)
