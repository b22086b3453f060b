"""Is this the user's password: throttled, in a thread, told in the audit trail."""

from collections import Counter
from collections.abc import Callable, Collection
from json import dumps

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from werkzeug.exceptions import ServiceUnavailable

from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.people import User
from magroup.model.unavailable import Unavailable
from magroup.web.admission.client import Client
from magroup.web.admission.passwords import Passwords
from magroup.web.admission.refusals import WrongCredentials, too_many
from magroup.web.admission.store import AccessWriter, Accounts
from magroup.web.admission.throttle import Throttle

LONGEST_NAME = 256
TOLD_AGAIN_AFTER = 3600.0
MOST_TOLD = 10_000
MINUTE = 60.0
MOST_FAILURES_TOLD = 60
"""Failed logins in a minute that have a line in the log and an entry in the audit trail."""

FORM, ADDRESS, BASIC = "form", "address", "basic"
"""How a password came: typed into the form, within a URL, by HTTP Basic."""


class LogIn:
    """``check`` a name and a password. Hashes in ``barred`` are of nobody: everybody knows their passwords.

    ``logged_in`` hears of each success, ``renewed(user_key, old, new)`` of a hash that was made anew.
    """

    log = Logger()

    def __init__(
        self, configuration: Callable[[], Configuration], passwords: Passwords, throttle: Throttle,
        accounts: Accounts, writer: AccessWriter, seconds: Callable[[], float], barred: Collection[str],
        logged_in: Callable[[User], None], renewed: Callable[[str, str, str], None],
    ) -> None:  # fmt: skip
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._configuration = configuration
        self._passwords = passwords
        self._throttle = throttle
        self._accounts = accounts
        self._writer = writer
        self._seconds = seconds
        self._barred = frozenset(barred)
        self._logged_in = logged_in
        self._renewed = renewed
        self._minute = -MINUTE
        self._failures = 0
        self._told: dict[tuple[str, str], float] = {}

    async def check(self, name: str, password: str, client: Client, how: str, renew: bool = True) -> User:
        """The user. Raises WrongCredentials, Werkzeug's TooManyRequests and ServiceUnavailable."""
        account = name.casefold()[:LONGEST_NAME]
        wait = self._throttle.wait(client.address, account)
        if wait:
            self.outcomes[how, "throttled"] += 1
            raise too_many(wait)
        self._throttle.begin(client.address, account)
        before = self._user(name)
        hash = before.password_hash if before is not None and before.password_hash not in self._barred else ""
        try:
            fits = await self._passwords.fits(hash, password)
        except (ServiceUnavailable, Unavailable):
            # Nobody has looked at the password.
            self._throttle.undone(client.address, account)
            raise
        finally:
            self._throttle.ended(client.address, account)
        user = self._user(name)
        if not fits or user is None or user.password_hash != hash:
            self._failed(user, client, how)
            raise WrongCredentials
        self._throttle.succeeded(client.address, account)
        self.outcomes[how, "succeeded"] += 1
        self._tell(user, client, how)
        if renew and self._passwords.is_outdated(hash):
            Deferred.fromCoroutine(self._renew(user.key, hash, password)).addErrback(self._not_renewed)
        self._logged_in(user)
        return user

    def _user(self, name: str) -> User | None:
        return self._configuration().user(name) if len(name) <= LONGEST_NAME else None

    def _failed(self, user: User | None, client: Client, how: str) -> None:
        # Of names that nobody has nothing is kept: people type passwords into the wrong field.
        known = user.name if user is not None else ""
        self.outcomes[how, "failed"] += 1
        if not self._may_tell():
            return
        self.log.info("failed login ({how}) of {user} from {address}",
                      how=how, user=known or "nobody", address=client.address)  # fmt: skip
        self._writer.record(Change(self._seconds(), "", client.address, "failed login", known, "", _told(how)))

    def _may_tell(self) -> bool:
        """Who guesses passwords guesses fast: only so many failures in a minute are told, then how many more."""
        now = self._seconds()
        if now - self._minute >= MINUTE:
            more, self._minute, self._failures = self._failures - MOST_FAILURES_TOLD, now, 0
            if more > 0:
                self.log.warn("{count} more failed logins", count=more)
                self._writer.record(Change(now, "", "", "failed logins", "", "", dumps({"more": more})))
        self._failures += 1
        return self._failures <= MOST_FAILURES_TOLD

    def _tell(self, user: User, client: Client, how: str) -> None:
        now = self._seconds()
        whose = (user.key, client.address)
        if how == BASIC and now - self._told.get(whose, -TOLD_AGAIN_AFTER) < TOLD_AGAIN_AFTER:
            return
        if how == BASIC:
            self._told.pop(whose, None)
            self._told[whose] = now
            if len(self._told) > MOST_TOLD:
                del self._told[next(iter(self._told))]
        self.log.info("login ({how}) of {user} from {address}", how=how, user=user.name, address=client.address)
        self._writer.record(Change(now, user.name, client.address, "login", user.name, "", _told(how)))

    async def _renew(self, user_key: str, hash: str, password: str) -> None:
        new = await self._passwords.hashed(password)
        if await self._accounts.set_password(user_key, hash, new, None):
            self._renewed(user_key, hash, new)

    def _not_renewed(self, failure: Failure) -> None:
        if failure.check(Unavailable):
            self.log.warn("a password's hash is not renewed: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("a password's hash is not renewed", failure)


def _told(how: str) -> str:
    return dumps({"how": how})
