"""Failed logins are counted by address and by account; who has too many waits."""

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

WINDOW = 3600.0
SOON = 2.0
"""Seconds to wait for attempts that are under way."""
MOST = 20_000
"""Addresses, accounts and friends that are remembered, each."""


class _Counts:
    """Failures by name: each has a window of an hour that begins with the first failure."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._windows: dict[str, tuple[float, int]] = {}
        self._under_way: Counter[str] = Counter()

    def wait(self, name: str, limit: int) -> float:
        """Seconds until ``name`` may try again, 0: now."""
        began, count = self._windows.get(name, (0.0, 0))
        if count < limit:
            return 0.0
        wait = max(0.0, began + WINDOW - self._seconds())
        return wait if count - self._under_way[name] >= limit else min(wait, SOON)

    def begin(self, name: str) -> None:
        """An attempt, a failure until it is known to be none."""
        self.add(name, 1)
        self._under_way[name] += 1

    def end(self, name: str) -> None:
        """It is known now what the attempt was."""
        self._under_way[name] -= 1
        if self._under_way[name] <= 0:
            del self._under_way[name]

    def add(self, name: str, by: int) -> None:
        now = self._seconds()
        began, count = self._windows.get(name, (now, 0))
        if now - began >= WINDOW:
            began, count = now, 0
        if count + by <= 0:
            self._windows.pop(name, None)
            return
        if name not in self._windows and len(self._windows) >= MOST:
            self._make_room(now)
        self._windows[name] = (began, count + by)

    def _make_room(self, now: float) -> None:
        self._windows = {name: one for name, one in self._windows.items() if now - one[0] < WINDOW}
        while len(self._windows) >= MOST:
            del self._windows[next(iter(self._windows))]


class Throttle:
    """``begin`` counts an attempt as failed until ``succeeded`` takes it back: so that attempts side by side count too.

    Where only those under way make too many, the wait is short: they may be right. Each ends with ``ended``.

    An address that an account has been used from goes on with it while the account's limit is reached: nobody is
    locked out by strangers.
    """

    def __init__(self, seconds: Callable[[], float], of_address: int, of_account: int) -> None:
        self.of_address = of_address
        self.of_account = of_account
        self._addresses = _Counts(seconds)
        self._accounts = _Counts(seconds)
        self._friends: dict[tuple[str, str], None] = {}

    def wait(self, address: str, account: str) -> float:
        """Seconds until this may be tried again, 0: now."""
        place = network_of(address)
        wait = self._addresses.wait(place, self.of_address)
        if (place, account) not in self._friends:
            wait = max(wait, self._accounts.wait(account, self.of_account))
        return wait

    def begin(self, address: str, account: str) -> None:
        self._addresses.begin(network_of(address))
        self._accounts.begin(account)

    def ended(self, address: str, account: str) -> None:
        """The attempt that was begun is over; what it was is said by the others."""
        self._addresses.end(network_of(address))
        self._accounts.end(account)

    def undone(self, address: str, account: str) -> None:
        """The attempt was none: it was not looked at."""
        self._addresses.add(network_of(address), -1)
        self._accounts.add(account, -1)

    def succeeded(self, address: str, account: str) -> None:
        self.undone(address, account)
        place = network_of(address)
        self._friends.pop((place, account), None)
        self._friends[place, account] = None
        if len(self._friends) > MOST:
            del self._friends[next(iter(self._friends))]


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, for a host has all the others."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) else address
