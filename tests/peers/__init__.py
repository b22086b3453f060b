"""Real telephones and bare sockets that tests of the call path talk with.

    class Calls(TestCase):
        async def test_answered(self) -> None:
            alice = await Baresip(self, "alice", registrar="127.0.0.1:5060", secret="...").start()
            bob = await Linphone(self, "bob", registrar="127.0.0.1:5060", secret="...").start()
            await alice.registered()
            await bob.registered()
            await alice.dial("sip:bob@127.0.0.1")
            call = await bob.incoming()
            await bob.answer(call)
            await alice.wait("CALL_ESTABLISHED")

Each driver takes the TestCase first, leases a loopback address for itself, and is ended by the test's
cleanup. Nothing blocks: the server under test runs on the same reactor. A wait that is over raises
PeerTimeout, which shows what was seen. `Baresip` hears and records, `Linphone` knows attended transfer,
SHA-256 and UPDATE, `Kamailio` is a PBX, `Sipp` plays scripts for races and errors, `RawUdp` and `RawTcp` send
octets, `RtpSink` receives and sends RTP, `audio` finds a file in what was heard.
"""

from tests.peers import audio
from tests.peers.addresses import Address, address, addresses
from tests.peers.baresip import Baresip
from tests.peers.baresip_control import Media
from tests.peers.certificates import Authority
from tests.peers.kamailio import Kamailio
from tests.peers.linphone import Linphone
from tests.peers.raw import Datagram, RawTcp, RawUdp
from tests.peers.rsyslog import Rsyslog
from tests.peers.rtp_sink import RtpPacket, RtpSink
from tests.peers.sip_trace import SipText
from tests.peers.sipp import Sipp, SippFailed, SippResult
from tests.peers.waiting import PeerTimeout, until

__all__ = [
    "Address",
    "Authority",
    "Baresip",
    "Datagram",
    "Kamailio",
    "Linphone",
    "Media",
    "PeerTimeout",
    "RawTcp",
    "RawUdp",
    "Rsyslog",
    "RtpPacket",
    "RtpSink",
    "SipText",
    "Sipp",
    "SippFailed",
    "SippResult",
    "address",
    "addresses",
    "audio",
    "until",
]
