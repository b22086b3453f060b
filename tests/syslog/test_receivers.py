"""Syslog over the network of this machine, to receivers of the tests and to rsyslog."""

import shutil
import socket
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import Certificate, PrivateCertificate
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.trial.unittest import TestCase

from magroup.model.audit import Change
from magroup.model.settings import SyslogSettings
from magroup.outgoing.streams import TlsFileError
from magroup.syslog.syslog import Syslog
from tests.live.server import company
from tests.live.whole_server import WholeServer
from tests.peers import Authority, Rsyslog, address, until
from tests.peers.waiting import reactor
from tests.syslog.grammar import Parsed, frames, parse

CHANGE = Change(1764365095.25, "Ann", "192.0.2.1", "group", "Sales", '{"a": 1}', '{"a": 2}')


class Receiving(Protocol):
    """Keeps what it gets in the list of its factory."""

    def dataReceived(self, data: bytes) -> None:
        self.factory.got += data  # type: ignore[union-attr]

    def connectionMade(self) -> None:
        self.factory.open.append(self)  # type: ignore[union-attr]


class Receiver(Factory):
    """A receiver of streams."""

    protocol = Receiving  # type: ignore[assignment]

    def __init__(self) -> None:
        self.got = b""
        self.open: list[Any] = []

    def messages(self) -> list[Parsed]:
        return [parse(frame) for frame in frames(self.got)[0]]

    def has(self, text: str) -> bool:
        return any(text in message.text for message in self.messages())


class SyslogTestCase(TestCase):
    timeout = 60

    def setUp(self) -> None:
        self.syslog = Syslog(reactor, deferToThread)
        self.addCleanup(lambda: self.syslog.stop())
        self.log = Logger(namespace="magroup.test")

    async def begin(self, to: str, **values: Any) -> None:
        await self.syslog.begin(replace(SyslogSettings(), to=to, host_name="pbx", **values))

    async def listen(self, endpoint: Any) -> Receiver:
        receiver = Receiver()
        port: Any = await endpoint.listen(receiver)
        self.addCleanup(port.stopListening)
        return receiver


class DatagramTestCase(SyslogTestCase):
    """With a socket that datagrams come to."""

    def udp(self, ip: str, port: int = 0) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.bind((ip, port))
        made.setblocking(False)
        return made

    async def parsed(self, receiver: socket.socket) -> Parsed:
        def look() -> bytes:
            try:
                return receiver.recv(65535)
            except BlockingIOError:
                return b""

        return parse(await until(look, what="a datagram"))


class Datagrams(DatagramTestCase):
    """UDP, and a unix socket."""

    async def test_udp(self) -> None:
        """A message a datagram, also from other threads; what is not important enough is not sent."""
        ip = address(self).ip
        receiver = self.udp(ip)
        await self.begin(f"udp:{ip}:{receiver.getsockname()[1]}", level="warn")
        self.log.info("of no interest")
        self.log.warn("a call rings at {who}", who="Zoë", call="a-17", password="secret")
        found = await self.parsed(receiver)
        self.assertEqual((found.facility, found.severity, found.kind, found.host), (16, 4, "magroup.test", "pbx"))
        self.assertEqual(
            (found.text, found.has_bom, found.data),
            ("a call rings at Zoë", True, {"magroup@32473": {"call": "a-17", "who": "Zoë", "password": "***"}}),
        )
        await deferToThread(self.syslog.audited, CHANGE)
        found = await self.parsed(receiver)
        self.assertEqual((found.facility, found.kind, found.data["audit@32473"]["key"]), (10, "audit", "Sales"))
        self.syslog.apply(SyslogSettings())
        self.log.warn("not sent any more")
        self.syslog.audited(CHANGE)
        self.assertRaises(BlockingIOError, receiver.recv, 65535)

    async def test_udp_that_is_away(self) -> None:
        """It is noticed by ICMP; what was lost is told when it is back."""
        ip = address(self).ip
        await self.begin(f"udp:{ip}:5514", queue_limit=10, facility="local3")
        await until(lambda: self.log.warn("anybody?") or self.syslog.outbox.is_away, what="an error")  # type: ignore[union-attr,func-returns-value]
        for number in range(20):
            self.log.warn("message {number}", number=number)
        receiver = self.udp(ip, 5514)
        seen = []
        while "is back" not in (seen[-1] if seen else ""):
            found = await self.parsed(receiver)
            seen.append(found.text)
        self.assertEqual(found.facility, 19)
        self.assertRegex(seen[-1], rf"syslog receiver udp:{ip}:5514 is back, 1\d messages for it were lost")
        self.assertIn("message 19", seen)
        self.assertNotIn("message 0", seen)

    async def test_unix(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="mg-log-"))
        self.addCleanup(shutil.rmtree, folder)
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(receiver.close)
        receiver.bind(str(folder / "log"))
        await self.begin(f"unix:{folder}/log")
        self.log.error("hello", call="a-1")
        self.assertRegex(
            receiver.recv(65535), rb"\A<131>\w{3} [ \d]\d [\d:]{8} magroup\[\d+\]: magroup\.test call=a-1: hello\Z"
        )


class Streams(SyslogTestCase):
    """TCP and TLS."""

    async def test_tcp_that_comes_and_goes(self) -> None:
        ip = address(self).ip
        await self.begin(f"tcp:{ip}:5601")
        self.log.info("before\nit is there")
        await until(lambda: self.syslog.outbox.is_away, what="the refusal")  # type: ignore[union-attr]
        receiver = await self.listen(TCP4ServerEndpoint(reactor, 5601, interface=ip))
        await until(lambda: receiver.has("is back, 0 messages"), what="the first messages")
        self.assertTrue(receiver.has("before\\nit is there"))
        self.syslog.audited(CHANGE)
        await until(lambda: receiver.has("Ann group Sales"), what="the audit trail")
        receiver.open[0].transport.abortConnection()
        await until(lambda: self.syslog.outbox.is_away, what="the end")  # type: ignore[union-attr]
        self.log.info("after it was gone")
        await until(lambda: receiver.has("after it was gone"), what="the rest")
        self.log.info("the very last")
        await maybeDeferred(self.syslog.stop)
        await until(lambda: receiver.has("the very last"), what="the end")
        self.assertEqual(frames(receiver.got)[1], b"")

    async def test_tls(self) -> None:
        """The receiver's certificate is checked, and it is shown one."""
        ip = address(self).ip
        authority = Authority(Path(self.mktemp()).absolute())
        file = authority.certificate(ip)
        own = PrivateCertificate.loadPEM(file.read_bytes())
        trusted = Certificate.loadPEM(authority.path.read_bytes())
        port: Any = reactor.listenSSL(0, receiver := Receiver(), own.options(trusted), interface=ip)
        self.addCleanup(port.stopListening)
        to = f"tls:{ip}:{port.getHost().port}"
        await self.begin(to)
        self.log.info("first")
        await until(lambda: self.syslog.outbox.is_away, what="the refusal")  # type: ignore[union-attr]
        self.assertEqual(receiver.got, b"")
        await maybeDeferred(self.syslog.stop)
        await self.begin(to, tls_authorities=str(authority.path), tls_certificate=str(file))
        self.log.info("second")
        await until(lambda: receiver.has("second"), what="the message")
        await maybeDeferred(self.syslog.stop)
        await self.begin(to, tls_verify=False, tls_certificate=str(file))
        self.log.info("third")
        await until(lambda: receiver.has("third"), what="the message")
        await maybeDeferred(self.syslog.stop)

    async def test_files_that_are_of_no_use(self) -> None:
        bad = Path(self.mktemp())
        bad.write_text("rubbish")
        for values in (
            {"tls_authorities": str(bad)}, {"tls_certificate": str(bad)}, {"tls_authorities": "/missing"},
        ):  # fmt: skip
            with self.assertRaisesRegex(TlsFileError, "cannot read /missing|does not hold what it should"):
                await self.begin("tls:127.0.0.1:6514", **values)
        self.assertIsNone(self.syslog.outbox)


class RealOne(SyslogTestCase):
    """rsyslog."""

    async def test_rsyslog(self) -> None:
        rsyslog = await Rsyslog(self).start()
        for way, to in (
            ("imudp", f"udp:{rsyslog.ip}:5514"), ("imtcp", f"tcp:{rsyslog.ip}:5601"),
            ("imuxsock", f"unix:{rsyslog.folder}/log"),
        ):  # fmt: skip
            await self.begin(to)
            self.log.warn('rings "at" {who}]\\', who="Zoë", call="a-1")
            self.syslog.audited(CHANGE)
            await until(lambda way=way: len([one for one in rsyslog.came() if one[0] == way]) >= 2, what=way,
                        seen=lambda: f"{rsyslog.came()}\n{rsyslog.process.report()}")  # fmt: skip
            await maybeDeferred(self.syslog.stop)
        came = {way: [one for one in rsyslog.came() if one[0] == way] for way in ("imudp", "imtcp", "imuxsock")}
        for way in ("imudp", "imtcp"):
            (line,) = [one for one in came[way] if one[6] == "magroup.test"]
            self.assertEqual(line[1:5], ["132", "1", "pbx", "magroup"])
            self.assertEqual(line[7:], ['[magroup@32473 call="a-1" who="Zoë"]', '\ufeffrings "at" Zoë]\\'])
            (line,) = [one for one in came[way] if one[6] == "audit"]
            self.assertEqual(line[1:3] + line[4:5], ["85", "1", "magroup"])
            self.assertIn('who="Ann" where="192.0.2.1" what="group" key="Sales"', line[7])
        line = came["imuxsock"][0]
        self.assertEqual((line[1], line[4]), ("132", "magroup"))
        self.assertEqual(line[8], ' magroup.test call=a-1: rings "at" Zoë]\\')


class Server(DatagramTestCase):
    """All of magroup."""

    async def test_what_is_changed(self) -> None:
        """The log, calls' lines with their ids, and the audit trail of a change once it is committed."""
        ip = address(self).ip
        receiver = self.udp(ip)
        whole = WholeServer(self, f'[syslog]\nto = "udp:{ip}:{receiver.getsockname()[1]}"\n')
        server = await whole.start(company())
        await server.assembly.settings_book.change({"calls.ring_timeout": 60}, "Ann", "192.0.2.1")
        seen: list[Parsed] = []
        while not seen or "Ann" not in seen[-1].text:
            seen.append(await self.parsed(receiver))
        self.assertIn("magroup.assembly.Assembly", {one.kind for one in seen})
        self.assertEqual(
            seen[-1].data["audit@32473"],
            {"who": "Ann", "where": "192.0.2.1", "what": "setting", "key": "calls.ring_timeout"},
        )
        self.assertIn("60", seen[-1].text)
