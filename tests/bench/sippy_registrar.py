"""A registrar with digest on sippy's stack, which has none of its own: run by sippy's Python, bindings in memory."""

import sys
from time import monotonic
from typing import Any

REALM = "bench"


class Registrar:
    """Every user's password is ``load`` and the user's name."""

    def __init__(self) -> None:
        self.bindings: dict[str, tuple[str, float]] = {}

    def answer(self, request: Any, transaction: Any) -> tuple[Any, None, None]:
        """What sippy asks of who takes requests."""
        from sippy.SipHeader import SipHeader
        from sippy.SipWWWAuthenticate import SipWWWAuthenticate

        if request.getMethod() != "REGISTER":
            return request.genResponse(501, "Not Implemented"), None, None
        found = request.getHFBodys("authorization")
        user = request.getHFBody("to").getUrl().username
        if not found or found[0].username != user or not found[0].verify(f"load{user}", "REGISTER"):
            refusal = request.genResponse(401, "Unauthorized")
            refusal.appendHeader(SipHeader(body=SipWWWAuthenticate(realm=REALM, algorithm="MD5")))
            return refusal, None, None
        contact = request.getHFBody("contact")
        expires = int(request.getHFBody("expires").number)
        self.bindings[user] = str(contact), monotonic() + expires
        accepted = request.genResponse(200, "OK")
        accepted.appendHeader(SipHeader(name="contact", body=contact.getCopy()))
        accepted.appendHeader(SipHeader(name="expires", body=request.getHFBody("expires").getCopy()))
        return accepted, None, None


def main() -> None:
    from sippy.Core.EventDispatcher import ED2
    from sippy.SipConf import SipConf
    from sippy.SipLogger import SipLogger
    from sippy.SipTransactionManager import SipTransactionManager

    SipConf.my_uaname = "bench"
    configuration = {"_sip_address": sys.argv[1], "_sip_port": 5060, "_sip_logger": SipLogger("bench")}
    configuration["_sip_tm"] = SipTransactionManager(configuration, Registrar().answer)
    ED2.loop()


if __name__ == "__main__":
    main()
