"""Wrong SIP passwords in the log, without a line for each: who guesses passwords guesses fast."""

from twisted.logger import Logger

from magroup.sip.timers import Timers
from magroup.sip.uri import readable
from magroup.switch.few_lines import FewLines


class WrongPasswords:
    """Tells the first one of each user and address in a minute, and how many more there were when it is over."""

    log = Logger()

    def __init__(self, timers: Timers) -> None:
        self._lines = FewLines(timers, self._more)

    def note(self, address: str, user: str) -> None:
        """``user`` sent a wrong password from ``address``."""
        if self._lines.tells((address, user)):
            self.log.warn("Wrong SIP password for {user} from {address}", user=readable(user), address=address)

    def _more(self, count: int) -> None:
        self.log.warn("{count} more wrong SIP passwords in a minute", count=count)
