"""A registrar's bindings on a clock, for their tests."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.bindings import Bindings, Update
from magroup.sip.contacts import Limits
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request

NOW = 1_700_000_000.25
SOURCE = Hop("udp", "192.0.2.7", 5060, "192.0.2.1", 5060)
CONTACT = "<sip:alice@192.0.2.7:5060>"
URN = "<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"
INSTANCE = f';+sip.instance="{URN}"'
VIA = "SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1;rport"
_numbers = iter(range(1, 1_000_000))


def register(
    *contacts: str,
    expires: str | None = None,
    call_id: str = "c1",
    cseq: int | None = None,
    via: str = VIA,
    path: str = "",
    supported: str = "",
    user_agent: str = "Phone/1",
) -> Request:
    headers = {
        "Via": [via], "From": ["<sip:alice@magroup>;tag=1"], "To": ["<sip:alice@magroup>"], "Call-ID": [call_id],
        "CSeq": [f"{next(_numbers) if cseq is None else cseq} REGISTER"], "Contact": list(contacts),
        "Expires": [] if expires is None else [expires], "Path": [path], "Supported": [supported],
        "User-Agent": [user_agent],
    }  # fmt: skip
    return Request(
        "REGISTER", "sip:magroup", {name: values for name, values in headers.items() if values not in ([], [""])}
    )


class BindingsTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.bindings = Bindings(Limits(60, 3600, 7200, 3))

    def update(self, request: Request, now: float = NOW, source: Hop = SOURCE) -> Update:
        return self.bindings.update("4321", request, now, source)

    def refused(self, request: Request, now: float = NOW) -> SipError:
        before = self.bindings.contacts("4321")
        error = self.assertRaises(SipError, self.update, request, now)
        assert isinstance(error, SipError)
        self.assertEqual(self.bindings.contacts("4321"), before)
        return error

    def contacts(self) -> list[str]:
        return [registration.contact for registration in self.bindings.contacts("4321")]
