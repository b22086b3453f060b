"""Where requests come from, with and without proxies."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.admission.client import Client, Clients, Networks
from tests.web.admission.kit import request

PROXY = "10.0.0.1"
TRUSTED = (PROXY, "10.1.0.0/16", "2001:db8::/64")


def of(peer: str, trusted: tuple[str, ...] = TRUSTED, **headers: Any) -> Client:
    return Clients(trusted).of(request(peer=peer, **headers))


class Addresses(SynchronousTestCase):
    """X-Forwarded-For is believed of trusted proxies, from the last address on."""

    def test_table(self) -> None:
        for peer, said, expected in (
            ("192.0.2.1", "", "192.0.2.1"),
            ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
            (PROXY, "198.51.100.1", "198.51.100.1"),
            (PROXY, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            (PROXY, "198.51.100.1,10.1.2.3", "198.51.100.1"),
            (PROXY, "10.1.2.3", "10.1.2.3"),
            (PROXY, "", PROXY),
            (PROXY, "unknown", PROXY),
            (PROXY, "198.51.100.1, unknown", PROXY),
            (PROXY, "unknown, 10.1.2.3", "10.1.2.3"),
            (PROXY, "<script>", PROXY),
            (PROXY, " [2001:db8:1::7] ", "2001:db8:1::7"),
            (PROXY, "::ffff:198.51.100.1", "198.51.100.1"),
            ("2001:db8::9", "198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("unix", "198.51.100.1", "198.51.100.1"),
            ("unix", "", "unix"),
        ):
            headers = {"X_Forwarded_For": said} if said else {}
            self.assertEqual(of(peer, **headers).address, expected, (peer, said))

    def test_nobody_is_trusted_by_default(self) -> None:
        client = of("127.0.0.1", (), X_Forwarded_For="198.51.100.1", X_Forwarded_Proto="https")
        self.assertEqual(client, Client("127.0.0.1", False, False, False))

    @given(st.text(st.sampled_from("0123456789abcdef.:,[]% \t;x"), max_size=60))
    def test_any(self, said: str) -> None:
        self.assertTrue(of(PROXY, X_Forwarded_For=said).address)

    def test_only_so_many_are_looked_at(self) -> None:
        self.assertEqual(of(PROXY, X_Forwarded_For="198.51.100.1" + ",10.1.0.1" * 1000).address, "10.1.0.1")


    def test_certain(self) -> None:
        for peer, said, expected in (
            ("192.0.2.1", None, True), ("192.0.2.1", "198.51.100.1", False), (PROXY, None, True),
            (PROXY, "198.51.100.1", True), (PROXY, "unknown", False), (PROXY, "", False),
            (PROXY, "198.51.100.1, unknown, 10.1.2.3", False), ("unix", None, True),
        ):  # fmt: skip
            headers = {} if said is None else {"X_Forwarded_For": said}
            self.assertEqual(of(peer, **headers).is_certain, expected, (peer, said))
        self.assertFalse(of(PROXY, Via="1.1 proxy").is_certain, "it does not say for whom")

    def test_peers(self) -> None:
        clients = Clients(TRUSTED)
        for address, expected in (
            (IPv4Address("TCP", "127.0.0.1", 1), ("127.0.0.1", True, True)),
            (IPv6Address("TCP", "::ffff:127.0.0.1", 1), ("127.0.0.1", True, True)),
            (UNIXAddress(b"/run/x"), ("unix", True, True)), (None, ("unix", True, True)),
            (IPv4Address("TCP", PROXY, 1), (PROXY, False, True)),
            (IPv4Address("TCP", "192.0.2.1", 1), ("192.0.2.1", False, False)),
        ):  # fmt: skip
            self.assertEqual(clients.peer(address), expected)

    def test_networks(self) -> None:
        networks = Networks(("10.0.0.0/8", "::1"))
        for address, expected in (
            ("10.9.9.9", True), ("::1", True), ("192.0.2.1", False), ("unix", False), ("", False),
        ):  # fmt: skip
            self.assertEqual(networks.has(address), expected, address)


class ThisMachine(SynchronousTestCase):
    """The loopback interface, and no proxy in between."""

    def test_loopback(self) -> None:
        for peer, expected in (
            ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("::ffff:127.0.0.1", True),
            ("192.0.2.1", False), ("0.0.0.0", False), ("unix", False), ("fe80::1", False),
        ):  # fmt: skip
            self.assertEqual(of(peer).is_this_machine, expected, peer)

    def test_proxies(self) -> None:
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto"):
            for value in ("127.0.0.1", "", "x"):
                for trusted in ((), ("127.0.0.1",)):
                    asked = request(peer="127.0.0.1", **{name: value})
                    self.assertFalse(Clients(trusted).of(asked).is_this_machine, name)


class Secure(SynchronousTestCase):
    """TLS to us, or to a trusted proxy."""

    def test_table(self) -> None:
        for peer, secure, scheme, expected in (
            ("192.0.2.1", False, "", False), ("192.0.2.1", True, "", True), ("192.0.2.1", False, "https", False),
            (PROXY, False, "https", True), (PROXY, False, "HTTPS", True), (PROXY, False, "http", False),
            (PROXY, False, "https, http", False), ("unix", False, "https", True),
        ):  # fmt: skip
            headers = {"X_Forwarded_Proto": scheme} if scheme else {}
            self.assertEqual(of(peer, secure=secure, **headers).secure, expected, (peer, secure, scheme))

    def test_public_url(self) -> None:
        """Whoever asks for the host of an https one has come by it; another port is another server."""
        here = "calls.example.com"
        for url, host, expected in (
            (f"https://{here}", here, True), (f"https://{here}/", here.upper(), True),
            (f"https://{here}", f"{here}:443", True), (f"http://{here}", here, False),
            (f"https://{here}", "10.0.0.1:8080", False), (f"https://{here}", f"{here}:8080", False),
            (f"https://{here}:8443", f"{here}:8443", True), ("", here, False),
        ):  # fmt: skip
            asked = request(peer="192.0.2.1", Host=host)
            self.assertEqual(Clients((), url).of(asked).secure, expected, (url, host))
