"""Where a PBX beside magroup is, as the setting ``cti`` names it."""

from typing import Self

from magroup.model.fixed import fixed

AMI_FORMS = "ami:tcp:host=HOST:port=5038 or ami:tls:host=HOST:port=5039"
CSTA_FORMS = "csta:tcp:host=HOST:port=PORT or csta:ssl:host=HOST:port=PORT"


@fixed
class _Place:
    """Host name or address without brackets, port, and whether TLS is spoken."""

    host: str
    port: int
    tls: bool = False

    def __str__(self) -> str:
        """As people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + (" (TLS)" if self.tls else "")


@fixed
class AmiPlace(_Place):
    """The Manager Interface of an Asterisk."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``ami:tcp:host=HOST:port=PORT`` or ``ami:tls:...``; ValueError says what is wrong."""
        kind, transport, named = _parts(text, AMI_FORMS)
        if kind != "ami" or transport not in ("tcp", "tls") or "host" not in named:
            raise ValueError(f"{text!r} is not of the form {AMI_FORMS}")
        port = named.get("port", "5039" if transport == "tls" else "5038")
        return cls(named["host"], _port(port), transport == "tls")


@fixed
class CstaPlace(_Place):
    """The CSTA port of a PBX; each vendor has another one."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``csta:tcp:host=HOST:port=PORT`` or ``csta:ssl:...``; ValueError says what is wrong."""
        kind, transport, named = _parts(text, CSTA_FORMS)
        if kind != "csta" or transport not in ("tcp", "ssl") or named.keys() != {"host", "port"}:
            raise ValueError(f"{text!r} is not of the form {CSTA_FORMS}")
        return cls(named["host"], _port(named["port"]), transport == "ssl")


def _parts(text: str, forms: str) -> tuple[str, str, dict[str, str]]:
    """The kind, the transport, and what is named after them."""
    kind, _, rest = text.partition(":")
    transport, _, rest = rest.partition(":")
    named = {}
    # An IPv6 address stands in brackets, and its colons part nothing.
    opening, closing = rest.find("["), rest.find("]")
    if opening >= 0 and closing > opening:
        named["host"] = rest[opening + 1 : closing]
        rest = f"{rest[:opening].removesuffix('host=')}{rest[closing + 1 :].removeprefix(':')}"
    for part in filter(None, rest.split(":")):
        name, equals, value = part.partition("=")
        if not equals or not value or name in named or name not in ("host", "port"):
            raise ValueError(f"{part!r} in {text!r} is not of the form {forms}")
        named[name] = value
    return kind, transport, named


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError(f"port {text!r} is not a number from 1 to 65535")
    return int(text)
