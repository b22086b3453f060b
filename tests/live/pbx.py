"""Lines without a group: the server as a plain telephone switch, its phones, and who hears whom."""

import re
from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from magroup.cti.events import Event
from tests.live.phones import baresips, together
from tests.live.server import SECRET, Live, company
from tests.peers import Baresip, Linphone, audio, until
from tests.peers.sipp import SCENARIOS

LINES = ("1201", "1202", "1203", "1204")
_UPDATE = re.compile(r'<send retrans="500">\s*<!\[CDATA\[\s*UPDATE .*?</send>\s*<recv response="200"/>', re.S)
_REQUEST = """
  <send retrans="500">
    <![CDATA[
      {method} [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      [routes]
      From: "[caller]" <sip:[caller]@[domain]>;tag=[pid]c[call_number]
      To:[$remote]
      Call-ID: [call_id]
      CSeq: {cseq} {method}
      Contact: <sip:[caller]@[local_ip]:[local_port];transport=[transport]>
      Max-Forwards: 70
      {headers}Content-Length: [len]

      {body}
    ]]>
  </send>
"""


class PbxCase(TestCase):
    """Starts servers whose lines are in no group; after each test none of them holds anything because of calls."""

    timeout = 60

    async def plain(
        self, more: str = "", lines: tuple[str, ...] = LINES, sip: dict[str, Any] | None = None, options: str = "",
        people: tuple[str, ...] = ("1047", "1175", "1068"), **given: Any,
    ) -> Live:  # fmt: skip
        """A running server with these lines; phones are not pinged unless ``sip`` says so; ``options`` of the group."""
        settings = {"options_ping_interval": 0, **(sip or {})}
        server = await Live(self, company(options, people, lines, more), sip=settings, **given).start()
        # Not in tearDown, which comes after all cleanups: the server would have been stopped.
        self.addCleanup(server.quiet)
        return server


def trunk(address: str, *settings: str, name: str = "PBX") -> str:
    """A trunk for a company file; it is not pinged unless a setting says so."""
    if not any(setting.startswith("ping_interval") for setting in settings):
        settings = (*settings, "ping_interval = 0")
    return "\n".join(["[[trunks]]", f'name = "{name}"', f'address = "{address}"', *settings, ""])


def in_call(test: TestCase, *steps: str) -> Path:
    """A caller of SIPp that does these steps once it is answered (see ``request``), stays, and hangs up."""
    text, count = _UPDATE.subn(lambda _: "".join(steps), (SCENARIOS / "uac_update.xml").read_text())
    test.assertEqual(count, 1)
    path = Path(test.mktemp()).absolute().with_suffix(".xml")
    path.write_text(text)
    return path


def changed(test: TestCase, name: str, old: str, new: str) -> Path:
    """A script of SIPp with one thing changed in every place."""
    text = (SCENARIOS / f"{name}.xml").read_text()
    test.assertIn(old, text)
    path = Path(test.mktemp()).absolute().with_suffix(".xml")
    path.write_text(text.replace(old, new))
    return path


REINVITE_WITHOUT_OFFER = (
    _REQUEST.format(method="INVITE", cseq=11, headers="", body="")
    + """
  <recv response="100" optional="true"/>
  <recv response="200"/>
"""
    + _REQUEST.replace(' retrans="500"', "").format(
        method="ACK", cseq=11, headers="Content-Type: application/sdp\n      ",
        body="""v=0
      o=peer [pid] 3 IN IP[local_ip_type] [rtp_ip]
      s=-
      c=IN IP[local_ip_type] [rtp_ip]
      t=0 0
      m=audio [rtp_port] RTP/AVP [formats]
      a=rtpmap:101 telephone-event/8000
      a=sendrecv
""",
    )
)  # fmt: skip
"""A step that asks the server for an offer, and answers it in the ACK."""


def request(method: str, cseq: int, headers: dict[str, str] | None = None, body: str = "") -> str:
    """A step that sends a request in the call and waits for its 200."""
    lines = "".join(f"{name}: {value}\n      " for name, value in (headers or {}).items())
    text = _REQUEST.format(method=method, cseq=cseq, headers=lines, body=body.replace("\n", "\n      "))
    return text + '  <recv response="200"/>\n'


class Reports:
    """The events of the switch that name a device: ``reports.of("1201")`` are ["Originated", "Held"]."""

    def __init__(self, server: Live) -> None:
        self.events: list[Event] = []
        server.assembly.telephony.switch.monitor_start(self.events.append)

    def of(self, device: str) -> list[str]:
        return [type(event).__name__ for event in self.events if event.device == device]


async def baresip(server: Live, number: str, **options: Any) -> Baresip:
    """One registered baresip."""
    (phone,) = await baresips(server, number, **options)
    return phone


async def linphone(server: Live, number: str, **options: Any) -> Linphone:
    """One registered linphone."""
    phone = await Linphone(server.test, number, registrar=server.sip, secret=SECRET, **options).start()
    await phone.registered()
    return phone


def wav(test: TestCase, frequency: float) -> Path:
    """A file for a linphone to play: a tone of half a minute."""
    return audio.write_wav(Path(test.mktemp()).absolute().with_suffix(".wav"), audio.tone(frequency, 30))


async def talking(server: Live, caller: Baresip, called: Baresip) -> None:
    """``caller`` dials ``called``, who answers."""
    await caller.dial(server.uri(called.name))
    await called.wait("CALL_INCOMING")
    await called.answer()
    await together(caller.wait("CALL_ESTABLISHED"), called.wait("CALL_ESTABLISHED"))


async def hear_each_other(one: Baresip, other: Baresip) -> None:
    """Both get audio, straight from the other."""

    async def straight() -> bool:
        here, there = await one.media(), await other.media()
        return (here.remote, there.remote) == ((other.ip, there.local_port), (one.ip, here.local_port))

    await until(
        straight, 10.0, what="media straight from the other", seen=lambda: f"{one.report()}\n{other.report()}"
    )
    await together(one.receives(10), other.receives(10))
