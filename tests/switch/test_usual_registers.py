"""REGISTER requests in their usual form get the same answers, and do the same, as where they are read as others are."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.lines import Line
from magroup.model.settings import Settings
from magroup.sip.hop import Hop
from magroup.sip.usual import read_given, read_usual
from tests.switch.bench import Bench, company, run

HOST = "192.0.2.7"
_NEW = re.compile(rb";tag=[0-9a-f]{8,16}|;tag=t[0-9a-f]{8}|nonce=\"[^\"]*\"")
VIA = f"SIP/2.0/UDP {HOST}:5060;branch=z9hG4bK{{}}"
USUAL = {
    "Via": VIA, "From": "<sip:1047@127.0.0.1>;tag=1", "To": "<sip:1047@127.0.0.1>", "Call-ID": "c1",
    "CSeq": "{} REGISTER", "Contact": f"<sip:1047@{HOST}:5060>", "Expires": "600", "User-Agent": "Phone/1",
    "Max-Forwards": "70", "Content-Length": "0",
}  # fmt: skip


ODD = {
    "Via": (
        f"{VIA};rport", VIA.replace(";", ";rport;"), f"{VIA};rport=1", f"{VIA};rport;received=1.2.3.4",
        VIA.replace(HOST, "10.0.0.1"), VIA.replace(":5060", ""), VIA.replace("5060", "5070"), VIA.replace("5060", "0"),
        VIA.replace("5060", "99999"), VIA.replace(HOST, "Phone.Example"), VIA.replace(HOST, "[::1]"),
        f"{VIA};rport;rport", f"{VIA};alias", VIA.replace("UDP", "TCP"), VIA.replace("z9hG4bK", ""),
        f"{VIA}, {VIA}", VIA.replace(HOST, "-"),
    ),
    "v": (VIA,),
    "From": (
        '"Tijana" <sip:1047@127.0.0.1>;tag=1', "Tijana Z <sip:1047@127.0.0.1:5060;user=phone>;tag=a-b",
        "sip:1047@x;tag=1", "<sip:1175@127.0.0.1>;tag=1", "<sip:1047@127.0.0.1>", '"T\\"" <sip:1047@x>;tag=1',
        "<sip:1047@x>;tag=1;tag=2",
        "\u00c9mile <sip:1047@x>;tag=1", "", "<sip:1047@x-->;tag=1",
    ),
    "To": (
        "1047 <sip:1047@127.0.0.1:5060>", "<sip:1047@127.0.0.1>;tag=x", "<sips:1047@127.0.0.1>", "<tel:1047>",
        "sip:1047@x", "<sip:1047;a@x>", "<sip:%31047@x>", "<sip:x>", "", "<sip:1047@x:70000>", "<sip:1047@x:05060>",
    ),
    "Call-ID": ("other", "a b", "c" * 300, "c" * 600, "", "c,d", "c;d"),
    "CSeq": ("4294967296 REGISTER", "{} INVITE", "{}", "", "0{} REGISTER", "{}  REGISTER"),
    "Contact": (
        "", "<sip:1047@192.0.2.9>", f"<sip:1047@{HOST}:5060>;expires=120", f"<sip:1047@{HOST}:5060>;expires=10",
        f"<sip:1047@{HOST}:5060>;q=0.5", f"<sip:1047@{HOST};transport=tcp>", f"sip:1047@{HOST}", "<sip:a@x>, <sip:b@x>",
        "*", f"<sip:1047@{HOST}>;expires=0;cisco-keep-alive", '"a, b" <sip:1047@x>', "<tel:1>", "<sip:1@x", "x",
        f'<sip:1047@{HOST}:5060>;+sip.instance="<urn:uuid:1>";reg-id=1', f"<sip:1047@{HOST}:5060> ",
    ),
    "m": ("<sip:1047@192.0.2.8>",),
    "Expires": ("", "0", "30", "7200", "99999999", "9999999999", "x", " 600", "600;a=b"),
    "User-Agent": ("", "Phone/2", "Cisco-CP8861/1", "baresip v1.0.0", "friendly-scanner", "P ", "\u00c9"),
    "Max-Forwards": ("", "0", "x", "1000"),
    "Content-Length": ("", "1", "x", "00"),
    "Allow-Events": ("talk, hold", "presence", " talk", ", ".join(f"e{at}" for at in range(40))),
    "Require": ("path", "nonsense"),
    "Proxy-Require": ("x",),
    "Path": ("<sip:192.0.2.1;lr>", "x"),
    "Supported": ("path", "gruu, outbound"),
    "Authorization": ("Basic x", "Digest x"),
    "Route": ("<sip:127.0.0.1;lr>",),
    "X-Any": ("1", "a\rb", ""),
    "P-Any": ("\udcff",),
    "Odd": ("1",),
    "Bad Name": ("1",),
}
"""Values in the place of the usual ones."""

TARGETS = ("sip:127.0.0.1", "sip:127.0.0.1:5060", "sips:x", "sip:1047@x", "x")

_AUTH = 'username="{user}", realm="magroup", nonce="{nonce}", uri="sip:127.0.0.1", response="{response}"'
FORMS = (
    "Digest " + _AUTH + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}',
    'Digest qop="auth",nc={count},cnonce="c0ffee",algorithm="SHA-256",opaque="o",' + _AUTH.replace(", ", ","),
    "Digest " + _AUTH + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}, ',
    "Digest " + _AUTH.replace("magroup", "other") + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}',
    "Digest " + _AUTH + ', algorithm=sha-256, cnonce="c0ffee", qop=auth, nc={count}',
    "Digest " + _AUTH + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}, nc={count}',
    "Digest " + _AUTH + ', algorithm=SHA-256, cnonce="", qop=auth, nc={count}',
    "Digest " + _AUTH + ", algorithm=SHA-256",
    "Digest " + _AUTH + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth-int, nc={count}',
    "digest " + _AUTH + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}',
    "Digest " + _AUTH.replace("127.0.0.1", "a\\b") + ', algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}',
    "Digest",
)
"""Of credentials: the first four are usual ones."""


def message(headers: dict[str, str], number: int, authorization: str = "", target: str = "sip:127.0.0.1") -> bytes:
    """One that has ``number`` as its CSeq and in its branch; a header without a value is left out."""
    lines = [f"{name}: {value.replace('{}', str(number))}" for name, value in headers.items() if value]
    if authorization:
        lines.insert(-1, f"Authorization: {authorization}")
    return "\r\n".join([f"REGISTER {target} SIP/2.0", *lines, "", ""]).encode("utf-8", "surrogateescape")


def authorization(nonce: str, number: int = 1, secret: str = "secret", user: str = "1047", form: str = "") -> str:
    """The answer to a challenge, by SHA-256."""
    def hashed(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    count = f"{number:08x}"
    middle = f"{nonce}:{count}:c0ffee:auth"
    response = hashed(f"{hashed(f'{user}:magroup:{secret}')}:{middle}:{hashed('REGISTER:sip:127.0.0.1')}")
    return (form or (
        'Digest username="{user}", realm="magroup", nonce="{nonce}", uri="sip:127.0.0.1", response="{response}", '
        'algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc={count}'
    )).format(user=user, nonce=nonce, response=response, count=count)  # fmt: skip


class Twin:
    """A switch to which a phone registers; ``usually`` is whether the usual form is served by the short way."""

    def __init__(self, usually: bool) -> None:
        settings = Settings()
        settings = replace(settings, sip=replace(settings.sip, options_ping_interval=0))
        configuration = company()
        lines = (*configuration.lines, Line("1300", "secret", on_pbx=True), Line("1301"))
        self.bench = Bench(replace(configuration, lines=lines), settings)
        self.served = 0
        if usually:
            serve = self.bench.telephony.transports.registers
            assert serve is not None
            self.bench.telephony.transports.registers = self._counted(serve)
        else:
            self.bench.telephony.transports.registers = None
        self.seen: list[tuple[bool, bytes]] = []
        self.bench.telephony.watch(lambda is_sent, hop, data, call_id: self.seen.append((is_sent, call_id)))
        self.nonce = "none"
        self._answers: list[bytes] = []
        self._wire = self.bench.network.open(HOST, 5060, lambda data, *source: self._answers.append(data))

    def _counted(self, serve: Callable[[bytes, Hop], bool]) -> Callable[[bytes, Hop], bool]:
        def counted(data: bytes, hop: Hop) -> bool:
            is_served = serve(data, hop)
            self.served += is_served
            return is_served

        return counted

    def send(self, data: bytes) -> list[bytes]:
        """What comes back, without what is new each time."""
        self._answers.clear()
        self._wire.send(data, "127.0.0.1", 5060)
        self.bench.run()
        for answer in self._answers:
            if found := re.search(rb'nonce="([^"]+)"', answer):
                self.nonce = found[1].decode()
        return [_NEW.sub(b"", answer) for answer in self._answers]

    def state(self) -> tuple[object, ...]:
        """All that a REGISTER may change."""
        telephony = self.bench.telephony
        bindings, guard = telephony.bindings, telephony.guard
        sources = {place: (one.passwords, one.malformed, one.unknown) for place, one in guard._sources.items()}
        talks = telephony.registrar.phones.talks
        found = [(one, bindings.hop(one), bindings.since(one), talks(one)) for one in bindings.all()]
        return (
            self.bench.store.registrations, found, bindings.next_expiry(), self.bench.told(),
            len(telephony.authenticator.nonces), guard.locked(), guard.banned, sources, self.seen,
            telephony.transports.counters.received,
        )  # fmt: skip

    def stop(self) -> None:
        run(self.bench.telephony.stop())


class Twins(SynchronousTestCase):
    """One that goes the short way, one that does not."""

    def setUp(self) -> None:
        self.short, self.long = Twin(True), Twin(False)
        self.number = 0

    def tearDown(self) -> None:
        self.short.stop()
        self.long.stop()

    def send(self, headers: dict[str, str], answers: bool = False, again: bool = False, **how: str) -> bytes:
        """Send the same to both, with credentials if it ``answers``; the first line of what both say."""
        self.number += not again
        secret, user, form = how.get("secret", "secret"), how.get("user", "1047"), how.get("form", "")
        said = [
            twin.send(message(headers, self.number, authorization(
                twin.nonce, 1, secret, user, form) if answers else "", how.get("target", "sip:127.0.0.1")))
            for twin in (self.short, self.long)
        ]  # fmt: skip
        self.assertEqual(said[0], said[1], headers)
        self.assertEqual(self.short.state(), self.long.state(), headers)
        return said[0][-1].partition(b"\r\n")[0] if said[0] else b""

    def passes(self, seconds: float) -> None:
        for twin in (self.short, self.long):
            twin.bench.clock.advance(seconds)

    def registers(self, headers: dict[str, str], **how: str) -> bytes:
        self.send(headers, **{name: value for name, value in how.items() if name == "target"})
        return self.send(headers, answers=True, **how)


class TheSame(Twins):
    """Whatever a phone sends."""

    def test_usual(self) -> None:
        """The first one teaches the guard the User-Agent; from then on all are served by the short way."""
        self.assertEqual(self.registers(USUAL), b"SIP/2.0 200 OK")
        before = self.short.served
        for expires in ("600", "3600", "60"):
            self.passes(40.0)
            self.assertEqual(self.registers(USUAL | {"Expires": expires}), b"SIP/2.0 200 OK")
        self.assertEqual(self.short.served - before, 6)
        self.assertEqual(self.short.bench.told(), ["BackInService 1047"])

    def test_repeated(self) -> None:
        """A challenge is made anew, a registration answered as before."""
        self.registers(USUAL)
        self.assertEqual(self.send(USUAL), b"SIP/2.0 401 Unauthorized")
        self.assertEqual(self.send(USUAL, again=True), b"SIP/2.0 401 Unauthorized")
        nonce = self.short.nonce, self.long.nonce
        self.assertEqual(self.send(USUAL, answers=True), b"SIP/2.0 200 OK")
        self.short.nonce, self.long.nonce = nonce
        self.assertEqual(self.send(USUAL, answers=True, again=True), b"SIP/2.0 200 OK")

    def test_replayed(self) -> None:
        """The same count once more is stale; it is no wrong password."""
        self.registers(USUAL)
        nonce = self.short.nonce, self.long.nonce
        self.short.nonce, self.long.nonce = nonce
        self.assertEqual(self.send(USUAL, answers=True), b"SIP/2.0 401 Unauthorized")
        self.assertEqual(self.short.bench.telephony.guard._sources, {})

    def test_guessed(self) -> None:
        """Wrong passwords are counted, until the address is banned."""
        for wrong in range(self.short.bench.settings.protection.wrong_passwords):
            self.assertEqual(self.registers(USUAL, secret=f"s{wrong}"), b"SIP/2.0 401 Unauthorized")
        self.assertEqual(self.send(USUAL), b"")

    def test_unknown(self) -> None:
        """Lines that there are not are counted too."""
        for at in range(self.short.bench.settings.protection.unknown_lines):
            self.send(USUAL | {"To": f"<sip:99{at}@127.0.0.1>"})
        self.assertEqual(self.send(USUAL), b"")

    def test_scanner(self) -> None:
        self.registers(USUAL)
        self.assertEqual(self.send(USUAL | {"User-Agent": "friendly-scanner"}), b"")

    def test_others(self) -> None:
        """Not the line's own password, a line without one, one of the PBX."""
        for to, user, status in (
            ("1175", "1047", 403), ("1301", "1301", 401), ("1300", "1300", 401), ("1047", "1047@magroup", 200),
        ):  # fmt: skip
            said = self.registers(USUAL | {"To": f"<sip:{to}@127.0.0.1>"}, user=user)
            self.assertEqual(said[8:11].decode(), str(status), (to, user))

    def test_overtaken(self) -> None:
        """An older CSeq of the same Call-ID within half a minute is refused."""
        self.registers(USUAL)
        self.registers(USUAL)
        self.assertEqual(self.registers(USUAL | {"CSeq": "1 REGISTER"}), b"SIP/2.0 500 CSeq is not newer")
        self.passes(40.0)
        self.assertEqual(self.registers(USUAL | {"CSeq": "1 REGISTER"}), b"SIP/2.0 200 OK")

    def test_ends(self) -> None:
        """By itself, or as the phone says."""
        for how in ({"Expires": "0"}, {"Contact": "*", "Expires": "0"}):
            self.registers(USUAL)
            self.assertEqual(self.registers(USUAL | how), b"SIP/2.0 200 OK")
            self.assertEqual(self.short.bench.telephony.bindings.all(), [])
        self.registers(USUAL)
        self.passes(900.0)
        self.assertEqual(self.short.bench.telephony.bindings.all(), [])
        self.assertEqual(self.registers(USUAL), b"SIP/2.0 200 OK")

    def test_taken_over(self) -> None:
        """What is restored, or came to another node, is this one's again when the phone registers here."""
        self.registers(USUAL)
        (one,) = self.short.bench.telephony.bindings.all()
        for twin in (self.short, self.long):
            twin.bench.telephony.registrar.take(one, "b", True)
            self.assertFalse(twin.bench.switch.in_service("1047"))
        self.assertEqual(self.registers(USUAL), b"SIP/2.0 200 OK")
        self.assertTrue(self.short.bench.switch.in_service("1047"))
        self.assertEqual(self.short.bench.telephony.registrar.elsewhere, {})

    def test_silent(self) -> None:
        """A phone that answered no pings is there again when it registers."""
        self.registers(USUAL)
        (one,) = self.short.bench.telephony.bindings.all()
        for twin in (self.short, self.long):
            registrar = twin.bench.telephony.registrar
            registrar._missed[one.number, one.contact] = 2
            registrar._tell("1047", True)
        self.registers(USUAL)
        self.assertEqual(self.short.bench.told(), ["BackInService 1047", "OutOfService 1047", "BackInService 1047"])

    def test_overload(self) -> None:
        """Where registrations are refused too, none goes the short way."""
        self.registers(USUAL)
        for pressure, served in ((2.0, 2), (2.9, 0)):
            before = self.short.served
            for twin in (self.short, self.long):
                twin.bench.telephony.shedding.overload.pressure = pressure
                twin.bench.telephony.shedding._switch(True)
            self.registers(USUAL)
            self.assertEqual(self.short.served - before, served)


class Odd(Twins):
    """One thing is another than in the usual form, again and again."""

    @given(st.data())
    def test_any(self, data: st.DataObject) -> None:
        self.setUp()
        try:
            for _ in range(data.draw(st.integers(1, 3))):
                headers = dict(USUAL)
                for name in data.draw(st.lists(st.sampled_from(sorted(ODD)), max_size=2, unique=True)):
                    headers[name] = data.draw(st.sampled_from(ODD[name]))
                form = data.draw(st.sampled_from(FORMS))
                target = data.draw(st.sampled_from(TARGETS))
                self.registers(headers, form=form, target=target)
                self.passes(data.draw(st.sampled_from((0.0, 5.0, 40.0))))
        finally:
            self.tearDown()

    def test_each(self) -> None:
        """Between two usual ones."""
        for name, values in ODD.items():
            for value in values:
                self.registers(USUAL)
                self.registers(USUAL | {name: value})
                self.passes(20.0)
                for twin in (self.short, self.long):
                    twin.bench.telephony.guard.lift(HOST)


class Patterns(SynchronousTestCase):
    """What is usual, and what is not."""

    def test_forms(self) -> None:
        for form in FORMS[:4]:
            self.assertIsNotNone(read_given(authorization("n", form=form)), form)
        for form in FORMS[4:]:
            self.assertIsNone(read_given(authorization("n", form=form)), form)

    def test_usual(self) -> None:
        found = read_usual(message(USUAL, 7, "Digest x"))
        assert found is not None
        self.assertEqual(
            (found.branch, found.to_user, found.cseq, found.contact, found.expires, found.credentials, found.packages),
            ("z9hG4bK7", "1047", "7", f"<sip:1047@{HOST}:5060>", "600", "Digest x", ""),
        )  # fmt: skip

    def test_often(self) -> None:
        """Of each header one; and nothing before, between or behind."""
        data = message(USUAL, 1)
        for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Expires", "User-Agent", "Max-Forwards"):
            line = re.search(rf"{name}: .*\r\n".encode(), data)
            assert line is not None
            self.assertIsNone(read_usual(data.replace(line[0], line[0] * 2)), name)
        for wrong in (
            data + b"x", b"\r\n" + data, data[:-2], data.replace(b"\r\n", b"\n"), data.replace(b": ", b":"),
            data.replace(b"REGISTER", b"OPTIONS"), data.replace(b"70", b"70\r\n 1"), data.replace(b"70", b"7" * 2048),
        ):  # fmt: skip
            self.assertIsNone(read_usual(wrong), wrong)
