"""From a URI to where its messages go (RFC 3263): numeric hosts at once, names by NAPTR, SRV, A and AAAA."""

from collections.abc import Coroutine, Iterable
from random import Random
from socket import AF_INET, AF_INET6
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList, TimeoutError
from twisted.python.failure import Failure

from magroup.sip.addresses import family
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.records import LookupFailed, Records, Srv
from magroup.sip.uri import Uri

T = TypeVar("T")
TRANSPORTS = ("udp", "tcp", "tls")
SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
SRV_NAMES = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}
MOST_HOPS = 16
LIMIT = 10.0


def hop_for(uri: Uri) -> Hop | None:
    """Where a URI with a numeric host leads, without waiting; None when a name must be looked up.

    Raises SipError 416 for other schemes, 400 for transports that the URI or magroup does not allow.
    """
    transport = _transport(uri)
    target = _target(uri)
    if family(target) is None:
        return None
    return _hop(uri, transport, target, uri.port)


class Locator:
    """Finds the hops of URIs with names; ``rng`` chooses among servers of the same priority.

    ``families`` are those that may be used, in order of preference. Nothing is kept of a choice, so that load spreads;
    the records behind it are kept as long as they live.
    """

    def __init__(
        self, clock: Any, records: Records, rng: Random, families: Iterable[int] = (AF_INET, AF_INET6)
    ) -> None:
        self._clock = clock
        self._records = records
        self._rng = rng
        self._families = tuple(families)

    async def resolve(self, uri: Uri) -> list[Hop]:
        """The hops to be tried in order, at most 16.

        Raises SipError: as ``hop_for``, 404 when the name leads nowhere, 503 when DNS does not answer.
        """
        hop = hop_for(uri)
        if hop is not None:
            return [hop]
        target = _target(uri)
        try:
            found = await Deferred.fromCoroutine(self._by_name(uri, target)).addTimeout(LIMIT, self._clock)
        except (LookupFailed, TimeoutError):
            raise SipError(503, f"DNS does not answer about {target[:80]}") from None
        if not found:
            raise SipError(404, f"No such host {target[:80]}")
        return list(dict.fromkeys(found))[:MOST_HOPS]

    async def _by_name(self, uri: Uri, target: str) -> list[Hop]:
        transport = _transport(uri)
        if uri.port is not None:
            return await self._by_address(uri, transport, target, uri.port)
        if uri.params.get("transport"):
            servers = [(transport, SRV_NAMES[transport] + target)]
        else:
            servers = await self._by_naptr(uri, target)
            if not servers:
                allowed = ("tls",) if uri.scheme == "sips" else ("udp", "tcp")
                servers = [(one, SRV_NAMES[one] + target) for one in allowed]
        try:
            offered = await _all([self._records.srv(name) for _, name in servers])
        except LookupFailed:
            # Some name servers do not answer questions of a kind they do not know; the next question shows it.
            offered = [[] for _ in servers]
        ways = [
            (way, record)
            for (way, _), records in zip(servers, offered, strict=True)
            for record in self._in_order(records)
        ]
        if ways:
            hops = await _all([self._by_address(uri, way, r.target, r.port) for way, r in ways[:MOST_HOPS]])
            return [hop for some in hops for hop in some]
        if any(offered):
            return []
        return await self._by_address(uri, transport, target, None)

    async def _by_naptr(self, uri: Uri, target: str) -> list[tuple[str, str]]:
        """Transports and the names of their SRV records, the domain's favourites first."""
        try:
            records = await self._records.naptr(target)
        except LookupFailed:
            return []
        allowed = {"tls"} if uri.scheme == "sips" else set(TRANSPORTS)
        return [
            (SERVICES[record.service], record.replacement)
            for record in sorted(records)
            if record.flags == "s" and record.replacement and SERVICES.get(record.service) in allowed
        ]

    async def _by_address(self, uri: Uri, transport: str, host: str, port: int | None) -> list[Hop]:
        """One hop for each address of a host."""
        if family(host) is not None:
            return [_hop(uri, transport, host, port)]
        records = self._records
        found = await _all([records.ipv4(host) if kind == AF_INET else records.ipv6(host) for kind in self._families])
        return [_hop(uri, transport, address, port) for addresses in found for address in addresses]

    def _in_order(self, records: list[Srv]) -> list[Srv]:
        """By priority, and among equals by chance according to their weights (RFC 2782)."""
        ordered: list[Srv] = []
        left = sorted(record for record in records if record.target and record.port)
        while left:
            first = [record for record in left if record.priority == left[0].priority]
            choice = self._rng.randint(0, sum(record.weight for record in first))
            for record in first:
                choice -= record.weight
                if choice <= 0:
                    break
            ordered.append(record)
            left.remove(record)
        return ordered


async def _all(questions: list[Coroutine[Any, Any, list[T]]]) -> list[list[T]]:
    """Ask at the same time; what fails counts as nothing unless nothing was found at all. Raises LookupFailed."""
    asked = [Deferred.fromCoroutine(one) for one in questions]
    outcomes: list[tuple[bool, Any]] = await DeferredList(asked, consumeErrors=True)
    found: list[list[T]] = []
    failures: list[Failure] = []
    for success, outcome in outcomes:
        if success:
            found.append(outcome)
        else:
            outcome.trap(LookupFailed)
            failures.append(outcome)
            found.append([])
    if failures and not any(found):
        failures[0].raiseException()
    return found


def _transport(uri: Uri) -> str:
    if not uri.is_sip:
        raise SipError(416)
    transport = uri.transport
    if transport not in TRANSPORTS:
        raise SipError(400, f"No transport {transport[:20]}")
    if uri.scheme == "sips" and transport != "tls":
        raise SipError(400, "A sips URI needs TLS")
    return transport


def _target(uri: Uri) -> str:
    return (uri.params.get("maddr") or uri.host).strip("[]").lower()


def _hop(uri: Uri, transport: str, host: str, port: int | None) -> Hop:
    if transport == "tls":
        return Hop("tls", host, port or 5061, name=uri.host.strip("[]").lower())
    return Hop(transport, host, port or 5060)
