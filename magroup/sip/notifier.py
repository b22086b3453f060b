"""The notifier: who is subscribed to which event package of which resource (RFC 6665 section 4.2)."""

from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

from magroup.model.clock import Clock
from magroup.sip.dialog import Dialog
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.event import Authorize, Flood, Limits, bad_event, granted, read_event
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.subscription import Package, Subscription, Watch

DEFAULT_LIMITS = Limits()
LATER = {"Retry-After": "60"}


class Notifier:
    """Serves SUBSCRIBE for its ``packages``, and tells subscribers what changed.

    Times are those of ``clock``, UTC seconds in production.
    """

    def __init__(
        self, endpoint: Endpoint, clock: Clock, authorize: Authorize, limits: Limits = DEFAULT_LIMITS
    ) -> None:  # fmt: skip
        self.endpoint = endpoint
        self.packages: dict[str, Package] = {}
        self.limits = limits
        self.now = clock.seconds
        self._authorize = authorize
        # Each may be asked for credentials once.
        self._flood = Flood(2 * limits.of_line + 50)
        self._of_resource: dict[tuple[str, str], dict[Subscription, None]] = {}
        self._of_line: dict[str, dict[Subscription, None]] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many subscriptions there are."""
        return self._count

    def limit(self, limits: Limits) -> None:
        """Other limits hold from now on; subscriptions that are there stay."""
        self.limits = limits
        self._flood.most = 2 * limits.of_line + 50

    def add(self, package: Package) -> None:
        """Serve this package from now on."""
        self.packages[package.name] = package
        self.endpoint.events = tuple(self.packages)

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A SUBSCRIBE outside of dialogs. Raises SipError."""
        if self.is_flooded(transaction, request, hop):
            return
        name, event_id = read_event(request)
        package = self._package(request, name)
        subscriber = self._authorize(request, hop)
        seconds = granted(request, package.expires, self.limits)
        uri = request.uri
        watch = Watch(package.resource(uri.number, subscriber), uri.number, uri.host, subscriber)
        dialog = Dialog.of_server(request, self.endpoint.layer.token(), hop)
        subscription = Subscription(self, package, watch, dialog, event_id)
        if seconds:
            self._make_room(subscription)
        self._put(subscription)
        subscription.accept(transaction, request, seconds)

    def is_flooded(self, transaction: ServerTransaction, request: Request, hop: Hop) -> bool:
        """Whether the sender subscribes too often; the request is refused then."""
        return self._flood.refuses(transaction, request, hop, self.now())

    def refreshed(self, subscription: Subscription, request: Request, hop: Hop) -> int:
        """For how long a SUBSCRIBE in a dialog prolongs it. Raises SipError."""
        name, _ = read_event(request)
        if self._package(request, name) is not subscription.package:
            raise bad_event([subscription.package.name])
        if self._authorize(request, hop) != subscription.watch.subscriber:
            raise SipError(403)
        return granted(request, subscription.package.expires, self.limits)

    def _package(self, request: Request, name: str) -> Package:
        package = self.packages.get(name)
        if package is None:
            raise bad_event(self.packages)
        if "Accept" in request.headers:
            kind = package.content_type
            accepted = {item.partition(";")[0].strip().lower() for item in request.items("Accept")}
            if not accepted & {kind, "*/*", f"{kind.partition('/')[0]}/*"}:
                raise SipError(406, headers={"Accept": kind})
        return package

    def _make_room(self, new: Subscription) -> None:
        """A line that has all that it may have loses an older one for the same: its phone was started anew."""
        mine = self._of_line.get(new.watch.subscriber, {})
        if len(mine) >= self.limits.of_line:
            older = next((one for one in mine if _is_same(one, new)), None)
            if older is None:
                raise SipError(403, "Too many subscriptions")
            older.forget()
        elif self._count >= self.limits.total:
            raise SipError(503, headers=LATER)

    # the table

    def _put(self, subscription: Subscription) -> None:
        dialog, watch = subscription.dialog, subscription.watch
        self._count += 1
        self._of_resource.setdefault((subscription.package.name, watch.resource), {})[subscription] = None
        self._of_line.setdefault(watch.subscriber, {})[subscription] = None
        self.endpoint.dialogs[dialog.call_id, dialog.local_tag] = subscription

    def remove(self, subscription: Subscription) -> None:
        """A subscription is over."""
        dialog, watch = subscription.dialog, subscription.watch
        if self.endpoint.dialogs.pop((dialog.call_id, dialog.local_tag), None) is not None:
            self._count -= 1
            _take(self._of_resource, (subscription.package.name, watch.resource), subscription)
            _take(self._of_line, watch.subscriber, subscription)

    def of(self, package: str, resource: str) -> Iterable[Subscription]:
        """The subscriptions to a resource."""
        return tuple(self._of_resource.get((package, resource), ()))

    # what happens

    def changed(self, package: str, resource: str) -> None:
        """A resource may be in another state now."""
        if not self._count:
            return
        for subscription in self.of(package, resource):
            subscription.changed()

    def review(self) -> None:
        """The configuration has changed: what is gone, or not for a subscriber any more, is watched no longer."""
        for subscription in tuple(one for some in self._of_line.values() for one in some):
            watch = subscription.watch
            try:
                resource = subscription.package.resource(watch.number, watch.subscriber)
            except SipError:
                subscription.end("noresource")
                continue
            if resource != watch.resource:
                name = subscription.package.name
                _take(self._of_resource, (name, watch.resource), subscription)
                self._of_resource.setdefault((name, resource), {})[subscription] = None
                subscription.watch = watch._replace(resource=resource)
            subscription.changed()

    def forget_line(self, number: str) -> None:
        """A line is gone or has another secret: what it is subscribed to ends, and may be asked for anew."""
        for subscription in tuple(self._of_line.get(number, ())):
            subscription.end("deactivated")

    def stop(self) -> None:
        """Tell all that this server goes away for a moment."""
        for subscription in tuple(one for some in self._of_line.values() for one in some):
            subscription.end("probation;retry-after=5")
            subscription.forget()

    def describe(self, most: int | None = None) -> list[str]:
        """One line per subscription, for the debug dump; no more than ``most`` of them."""
        return [str(one) for one in islice(chain.from_iterable(self._of_line.values()), most)]


def _is_same(one: Subscription, other: Subscription) -> bool:
    """Whether one phone asks for the same as before."""
    return (one.dialog.target, one.package.name, one.watch) == (other.dialog.target, other.package.name, other.watch)


def _take(table: dict[Any, dict[Subscription, None]], key: object, subscription: Subscription) -> None:
    some = table.get(key)
    if some is not None:
        some.pop(subscription, None)
        if not some:
            del table[key]
