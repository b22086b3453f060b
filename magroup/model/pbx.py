"""Where a PBX beside magroup is, as the setting ``cti`` names it."""

from dataclasses import dataclass
from typing import Self

AMI_FORMS = "ami:tcp:host=HOST:port=5038 or ami:tls:host=HOST:port=5039"


@dataclass(frozen=True)
class AmiPlace:
    """The Manager Interface of an Asterisk: host name or address without brackets, port, and whether TLS is spoken."""

    host: str
    port: int
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``ami:tcp:host=HOST:port=PORT`` or ``ami:tls:...``; ValueError says what is wrong."""
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
                raise ValueError(f"{part!r} in {text!r} is not of the form {AMI_FORMS}")
            named[name] = value
        port = named.get("port", "5039" if transport == "tls" else "5038")
        if kind != "ami" or transport not in ("tcp", "tls") or "host" not in named:
            raise ValueError(f"{text!r} is not of the form {AMI_FORMS}")
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise ValueError(f"port {port!r} is not a number from 1 to 65535")
        return cls(named["host"], int(port), transport == "tls")
