"""Where Redis is, as the setting ``redis.url`` names it."""

import re
from dataclasses import field
from typing import Self
from urllib.parse import unquote

from magroup.model.fixed import fixed

REDIS_FORMS = (
    "redis://HOST:PORT/DATABASE, rediss:// for TLS, unix:///SOCKET, or redis+sentinel://HOST:PORT,HOST:PORT/NAME/DATABASE"
)
PORTS = {"redis": 6379, "rediss": 6379, "redis+sentinel": 26379}
_LABEL = "[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_HOST = re.compile(rf"(?:({_LABEL}(?:\.{_LABEL})*\.?)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{{1,5}}))?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
MOST_SENTINELS = 16


@fixed
class RedisPlace:
    """``hosts`` are the server, or the Sentinels that know the master called ``master``; none with a ``socket``."""

    hosts: tuple[tuple[str, int], ...] = ()
    socket: str = ""
    tls: bool = False
    master: str = ""
    database: int = 0
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a URL; ValueError says what is wrong, without repeating a password."""
        kind, separator, rest = text.partition("://")
        if not separator or kind not in (*PORTS, "unix"):
            raise ValueError("must begin with redis://, rediss://, unix:// or redis+sentinel://")
        if not text.isprintable() or " " in text:
            raise ValueError("is not a URL: it contains blanks or control characters")
        if kind == "unix":
            path, _, query = rest.partition("?")
            if not path.startswith("/"):
                raise ValueError(f"is not of the form {REDIS_FORMS}")
            return cls(socket=path, database=_database(query.removeprefix("db=")))
        login, _, place = rest.rpartition("@")
        user, _, password = login.partition(":")
        hosts, _, path = place.partition("/")
        found = tuple(_host(one, PORTS[kind]) for one in hosts.split(","))
        master = ""
        if kind == "redis+sentinel":
            master, _, path = path.partition("/")
            if _NAME.fullmatch(master) is None or len(found) > MOST_SENTINELS:
                raise ValueError(f"is not of the form {REDIS_FORMS}")
        elif len(found) > 1:
            raise ValueError("names more than one host: that is for redis+sentinel://")
        return cls(found, "", kind == "rediss", master, _database(path), unquote(user), unquote(password))

    def __str__(self) -> str:
        """For people, without the password."""
        if self.socket:
            return f"unix://{self.socket}"
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        kind = "redis+sentinel" if self.master else "rediss" if self.tls else "redis"
        return f"{kind}://{hosts}/{f'{self.master}/' if self.master else ''}{self.database}"


def _host(text: str, port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    # What is no host may hold a part of a password.
    if found is None or not 0 < int(found[3] or port) < 65536:
        raise ValueError(f"names no host and port: it is not of the form {REDIS_FORMS}")
    return found[1] or found[2], int(found[3] or port)


def _database(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and int(text) < 1 << 16):
        raise ValueError("names no database: a number after the last slash")
    return int(text or 0)
