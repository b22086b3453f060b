"""Where magroup listens: SIP transports, HTTP endpoints in the form of Twisted's strings, RTP ports."""

import ipaddress
import re
from dataclasses import field, replace
from typing import Self

from magroup.model.fixed import fixed

_UNESCAPED_COLON = re.compile(r"(?<!\\):")
_UNESCAPED_EQUALS = re.compile(r"(?<!\\)=")
_SIP = re.compile(
    r"(?P<transport>udp|tcp|tls):"
    r"(?:(?P<host>\[[^\]]*\]|[^:\[\]=]+):)?"
    r"(?P<port>\d{1,5})"
    r"(?P<options>:.*)?\Z"
)
_HTTP_KINDS = ("tcp", "tcp4", "tcp6", "ssl", "unix")
LOOPBACK = "127.0.0.1"
SIP_FORMS = "udp:5060, tcp:127.0.0.1:5060 or tls:5061:cert=FILE:key=FILE"
HTTP_FORMS = "tcp:8080, tcp:8080:interface=127.0.0.1, ssl:8443:privateKey=FILE:certKey=FILE or unix:PATH"


def port_number(text: str) -> int:
    """The port 0-65535 in ``text``; 0 lets the system choose. ValueError says what is wrong."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ValueError(f"port {text!r} is not a number from 0 to 65535")
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether the host, a name or an address, is this machine for itself only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@fixed
class SipListen:
    """One SIP transport: ``udp``, ``tcp`` or ``tls``.

    ``host`` is an address without brackets, "" all IPv4 addresses; ``port`` 0 lets the system choose one.
    """

    transport: str
    host: str
    port: int
    certificate: str = ""
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``transport:[address:]port[:cert=FILE:key=FILE]``; ValueError says what is wrong."""
        match = _SIP.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not of the form {SIP_FORMS}")
        host = (match["host"] or "").removeprefix("[").removesuffix("]")
        if host:
            try:
                ipaddress.ip_address(host)
            except ValueError:
                raise ValueError(f"{host!r} in {text!r} is not an IP address") from None
        options = _options(match["options"] or "", text, {"cert": "", "key": ""})
        if match["transport"] != "tls" and any(options.values()):
            raise ValueError(f"{text!r}: only tls has a certificate and a key")
        if match["transport"] == "tls" and not all(options.values()):
            raise ValueError(f"{text!r}: tls needs cert=FILE and key=FILE")
        return cls(match["transport"], host, port_number(match["port"]), options["cert"], options["key"])

    def on_loopback(self) -> Self:
        """The same on 127.0.0.1 where no address is given; ValueError where another is."""
        if self.host and not is_loopback(self.host):
            raise ValueError(f"{self} is not on the loopback interface")
        return self if self.host else replace(self, host=LOOPBACK)

    def __str__(self) -> str:
        host = f"[{self.host}]:" if ":" in self.host else f"{self.host}:" if self.host else ""
        place = f"{self.transport}:{host}{self.port}"
        if self.transport != "tls":
            return place
        return f"{place}:cert={_escaped(self.certificate)}:key={_escaped(self.key)}"


@fixed
class HttpListen:
    """A Twisted endpoint string, taken apart: ``kind``, the unnamed arguments and the named ones."""

    kind: str
    arguments: tuple[str, ...]
    named: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``tcp:8080:interface=127.0.0.1`` and its like; ValueError says what is wrong."""
        kind, *rest = _UNESCAPED_COLON.split(text)
        if kind not in _HTTP_KINDS:
            raise ValueError(f"{text!r} is not of the form {HTTP_FORMS}")
        named = {}
        arguments = []
        for part in rest:
            match _UNESCAPED_EQUALS.split(part, maxsplit=1):
                case [name, value]:
                    named[name] = _unescaped(value)
                case _:
                    arguments.append(_unescaped(part))
        if len(arguments) + ("port" in named) + ("address" in named) != 1:
            raise ValueError(f"{text!r} needs one {'path' if kind == 'unix' else 'port'}")
        if kind != "unix":
            port_number(arguments[0] if arguments else named["port"])
        return cls(kind, tuple(arguments), named)

    def on_loopback(self) -> Self:
        """The same on 127.0.0.1 (tcp6: ::1) where no interface is given; ValueError where another is."""
        if self.kind == "unix":
            return self
        interface = self.named.get("interface", "")
        if interface and not is_loopback(interface):
            raise ValueError(f"{self} is not on the loopback interface")
        return self if interface else replace(self, named={**self.named, "interface": self._loopback})

    @property
    def _loopback(self) -> str:
        return "::1" if self.kind == "tcp6" else LOOPBACK

    def __str__(self) -> str:
        parts = [self.kind, *map(_escaped, self.arguments)]
        return ":".join(parts + [f"{name}={_escaped(value)}" for name, value in self.named.items()])


@fixed
class PortRange:
    """UDP ports from ``first`` to ``last``, both included."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``16384-32767``; ValueError says what is wrong."""
        first, dash, last = text.partition("-")
        if not dash or not all(part.isascii() and part.isdigit() for part in (first, last)):
            raise ValueError(f"{text!r} is not a range such as 16384-32767")
        range_ = cls(port_number(first), port_number(last))
        if range_.first < 1024 or range_.last - range_.first < 3:
            raise ValueError(f"{text!r} must begin at 1024 or above and hold at least four ports")
        return range_


def sip_names_file(text: str) -> bool:
    """Whether a legal transport names files of the machine."""
    return SipListen.parse(text).transport == "tls"


def http_names_file(text: str) -> bool:
    """Whether a legal endpoint names files of the machine."""
    return HttpListen.parse(text).kind in ("ssl", "unix")


def _options(text: str, whole: str, known: dict[str, str]) -> dict[str, str]:
    found = dict(known)
    for part in _UNESCAPED_COLON.split(text)[1:]:
        name, _, value = part.partition("=")
        if name not in known or not value:
            forms = " or ".join(f"{key}=FILE" for key in known)
            raise ValueError(f"{part!r} in {whole!r} is not {forms}")
        found[name] = _unescaped(value)
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:").replace("=", "\\=")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
