"""Wrong SIP passwords in the log, without a line for each: who guesses passwords guesses fast."""

from twisted.logger import Logger

from magroup.sip.timers import Timer, Timers
from magroup.sip.uri import readable

MINUTE = 60.0
MOST_LINES = 20
"""Lines in a minute."""


class WrongPasswords:
    """Tells the first one of each user and address in a minute, and how many more there were when it is over."""

    log = Logger()

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._told: set[tuple[str, str]] = set()
        self._more = 0
        self._minute: Timer | None = None

    def note(self, address: str, user: str) -> None:
        """``user`` sent a wrong password from ``address``."""
        if self._minute is None:
            self._minute = self._timers.after(MINUTE, self._over)
        if (address, user) in self._told or len(self._told) >= MOST_LINES:
            self._more += 1
            return
        self._told.add((address, user))
        self.log.warn("Wrong SIP password for {user} from {address}", user=readable(user), address=address)

    def _over(self) -> None:
        self._minute = None
        self._told.clear()
        more, self._more = self._more, 0
        if more:
            self.log.warn("{count} more wrong SIP passwords in a minute", count=more)
