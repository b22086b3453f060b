"""Where those are who are sent what goes on: syslog receivers (RFC 5424), readers of HEP."""

import re
from typing import Final, Self

from magroup.model.fixed import fixed
from magroup.model.listen import port_number
from magroup.model.settings_rules import host

_NAMES: Final = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp"),
    *("audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"),
)
FACILITIES: Final = {name: number for number, name in enumerate(_NAMES) if name != "kern"}
"""Numbers of the facilities (RFC 5424 6.2.1) by the names that syslog.conf has for them; kern is the kernel's own."""

_PLACE: Final = re.compile(
    r"(?P<way>[a-z]+):(?:\[(?P<six>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)\]|(?P<host>[^:\[\]/]+)):(?P<port>\d{1,5})\Z"
)
_LONGEST_PATH: Final = 107
"""Bytes of the path of a socket (unix(7))."""


@fixed
class SyslogPlace:
    """``way`` is udp, tcp, tls or unix; ``path`` that of the last one's socket."""

    way: str
    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``udp:192.0.2.1:514`` and its like; ValueError says what is wrong."""
        way, _, path = text.partition(":")
        if way == "unix":
            if not path.startswith("/") or len(path.encode()) > _LONGEST_PATH or not path.isprintable():
                raise ValueError(f"{text!r} is not of the form unix:/dev/log")
            return cls(way, path=path)
        return cls(*_parsed(text, ("udp", "tcp", "tls"), "udp:HOST:514, tcp:HOST:601, tls:HOST:6514 or unix:/dev/log"))

    @classmethod
    def parse_or_none(cls, text: str) -> None:
        """A place, or nothing."""
        if text:
            cls.parse(text)

    @classmethod
    def names_file(cls, text: str) -> bool:
        """Whether a legal place names a socket in the machine's file system."""
        return text.startswith("unix:")

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else _shown(self.way, self.host, self.port)


@fixed
class HepPlace:
    """A reader of HEP, always over UDP."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``udp:192.0.2.1:9060``; ValueError says what is wrong."""
        _, host, port = _parsed(text, ("udp",), "udp:HOST:9060")
        return cls(host, port)

    @classmethod
    def parse_or_none(cls, text: str) -> None:
        """A place, or nothing."""
        if text:
            cls.parse(text)

    def __str__(self) -> str:
        return _shown("udp", self.host, self.port)


def _parsed(text: str, ways: tuple[str, ...], forms: str) -> tuple[str, str, int]:
    found = _PLACE.match(text)
    if found is None or found["way"] not in ways:
        raise ValueError(f"{text!r} is not of the form {forms}")
    name = found["six"] or found["host"]
    host(name)
    port = port_number(found["port"])
    if not port:
        raise ValueError(f"{text!r} has no port")
    return found["way"], name, port


def _shown(way: str, host: str, port: int) -> str:
    return f"{way}:[{host}]:{port}" if ":" in host else f"{way}:{host}:{port}"
