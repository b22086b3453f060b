"""DNS records that lead to a SIP server, kept as long as they live (RFC 3403 NAPTR, RFC 2782 SRV, A and AAAA)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from socket import AF_INET6, inet_ntop
from typing import Any, NamedTuple, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from twisted.logger import Logger
from twisted.names import dns
from twisted.names.error import AuthoritativeDomainError, DNSNameError, DomainError
from zope.interface import implementer

from magroup.model.clock import Clock

log = Logger()
ATTEMPTS = (1, 2)
MOST_KEPT = 1024
MOST_ANSWERS = 32
SHORTEST, LONGEST = 1.0, 86400.0
NONE_LASTS = 30.0
FAILURE_LASTS = 5.0
SYSTEM_LASTS = 60.0
# Exactly these: other subclasses of DomainError mean that the server failed.
ABSENT = (DNSNameError, AuthoritativeDomainError, DomainError)
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\Z")


class Naptr(NamedTuple):
    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class Srv(NamedTuple):
    priority: int
    weight: int
    port: int
    target: str


class LookupFailed(Exception):
    """DNS did not answer, or not usefully; another time it may."""


@dataclass(slots=True)
class _Kept:
    found: list[Any] | None
    until: float


class Records:
    """Looks records up; several who ask for the same wait for one answer.

    ``names`` is a twisted.names resolver, ``system`` the reactor's name resolver: it is asked for hosts without a dot
    and for those that DNS does not know. Everything raises LookupFailed when there is no answer and none is kept.
    """

    def __init__(self, clock: Clock, names: Any, system: Any) -> None:
        self._clock = clock
        self._names = names
        self._system = system
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._waiting: dict[tuple[str, str], list[Deferred[list[Any]]]] = {}
        self._asking: dict[tuple[str, str], Deferred[None]] = {}

    async def naptr(self, name: str) -> list[Naptr]:
        return await self._ask("lookupNamingAuthorityPointer", name)

    async def srv(self, name: str) -> list[Srv]:
        return await self._ask("lookupService", name)

    async def ipv4(self, host: str) -> list[str]:
        return await self._ask("lookupAddress", host)

    async def ipv6(self, host: str) -> list[str]:
        return await self._ask("lookupIPV6Address", host)

    def stop(self) -> None:
        """Forget everything; who waits gets a CancelledError."""
        for asking in tuple(self._asking.values()):
            asking.cancel()
        for waiting in tuple(self._waiting.values()):
            for one in waiting:
                one.cancel()
        self._asking.clear()
        self._waiting.clear()
        self._kept.clear()

    async def _ask(self, how: str, name: str) -> list[Any]:
        key = how, name.lower().rstrip(".")
        if not _NAME.match(key[1]):
            return []
        kept = self._kept.get(key)
        if kept is not None and self._clock.seconds() < kept.until:
            if kept.found is None:
                raise LookupFailed(f"no answer about {name}")
            return kept.found
        answer: Deferred[list[Any]] = Deferred()
        waiting = self._waiting.setdefault(key, [])
        waiting.append(answer)
        if len(waiting) == 1:
            asking = self._asking[key] = Deferred.fromCoroutine(self._look_up(key))
            asking.addErrback(lambda failure: failure.trap(CancelledError) and None)
            if asking.called:
                self._asking.pop(key, None)
        return await answer

    async def _look_up(self, key: tuple[str, str]) -> None:
        how, name = key
        found: list[Any] | None
        try:
            found, lasts = await self._found(how, name)
        except LookupFailed as error:
            log.debug("{how} {name}: {error}", how=how, name=name, error=str(error))
            old = self._kept.get(key)
            found, lasts = old.found if old is not None else None, FAILURE_LASTS
        self._keep(key, _Kept(found, self._clock.seconds() + lasts))
        self._asking.pop(key, None)
        for answer in self._waiting.pop(key, ()):
            if found is None:
                answer.errback(LookupFailed(f"no answer about {name}"))
            else:
                answer.callback(found)

    async def _found(self, how: str, name: str) -> tuple[list[Any], float]:
        """The records and for how many seconds they may be kept."""
        if how not in ("lookupAddress", "lookupIPV6Address"):
            return await self._by_dns(how, name)
        failed = None
        if not _is_local(name):
            try:
                found, lasts = await self._by_dns(how, name)
            except LookupFailed as error:
                failed = error
            else:
                if found:
                    return found, lasts
        found = await self._by_system(how, name)
        if failed is not None and not found:
            raise failed
        return found, SYSTEM_LASTS if found else NONE_LASTS

    async def _by_dns(self, how: str, name: str) -> tuple[list[Any], float]:
        try:
            answers, _, _ = await getattr(self._names, how)(name, timeout=ATTEMPTS)
        except CancelledError:
            raise
        except Exception as error:
            if type(error) in ABSENT:
                return [], NONE_LASTS
            # twisted.names fails with many kinds of errors, some of them its own mistakes about odd answers.
            raise LookupFailed(f"{type(error).__name__} {error}") from None
        read = _READ[how]
        fitting = [answer for answer in answers if isinstance(answer.payload, read[0])][:MOST_ANSWERS]
        if not fitting:
            return [], NONE_LASTS
        lasts = min(max(float(answer.ttl), SHORTEST) for answer in fitting)
        return [read[1](answer.payload) for answer in fitting], min(lasts, LONGEST)

    async def _by_system(self, how: str, name: str) -> list[str]:
        kind = IPv4Address if how == "lookupAddress" else IPv6Address
        receiver = _Addresses()
        self._system.resolveHostName(receiver, name, addressTypes=[kind])
        return await receiver.complete

    def _keep(self, key: tuple[str, str], kept: _Kept) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = kept


@implementer(IResolutionReceiver)
class _Addresses:
    """Collects what the reactor's name resolver finds."""

    def __init__(self) -> None:
        self.complete: Deferred[list[str]] = Deferred()
        self._found: list[str] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        if address.host not in self._found:
            self._found.append(address.host)

    def resolutionComplete(self) -> None:
        if not self.complete.called:
            self.complete.callback(self._found[:MOST_ANSWERS])


def _is_local(name: str) -> bool:
    return "." not in name or name.endswith((".localhost", ".local"))


def _text(name: Any) -> str:
    return cast(bytes, name.name).decode("ascii", "replace").rstrip(".").lower()


_READ: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "lookupNamingAuthorityPointer": (
        dns.Record_NAPTR,
        lambda r: Naptr(
            r.order,
            r.preference,
            r.flags.string.decode("ascii", "replace").lower(),
            r.service.string.decode("ascii", "replace").upper() if not r.regexp.string else "",
            _text(r.replacement),
        ),
    ),
    "lookupService": (dns.Record_SRV, lambda r: Srv(r.priority, r.weight, r.port, _text(r.target))),
    "lookupAddress": (dns.Record_A, lambda r: r.dottedQuad()),
    "lookupIPV6Address": (dns.Record_AAAA, lambda r: inet_ntop(AF_INET6, r.address)),
}
