"""The embedded switch offered over CSTA, TCP and SIP: who is let in, where it listens, how settings are taken over."""

from collections.abc import Callable
from typing import Any, cast

from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from magroup.assembly import Assembly
from magroup.csta.accounts import Account, NotAdmitted
from magroup.csta.limits import Limits
from magroup.csta.switching_function import SwitchingFunction
from magroup.cti.switch import Switch
from magroup.lifecycle import AtStop, StartError
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding
from magroup.model.people import User
from magroup.model.settings import Settings
from magroup.model.unavailable import Unavailable
from magroup.policy.forwarding import target_of
from magroup.uacsta.server import UaCstaServer
from magroup.web.admission import Admission
from magroup.web.admission.client import Client, Networks
from magroup.web.admission.refusals import WrongCredentials

HOW = "CSTA"


class CstaServer:
    """It runs where the settings name a place to listen at, or open the SIP side."""

    log = Logger()

    def __init__(self, assembly: Assembly, admission: Admission) -> None:
        self._assembly = assembly
        self._reactor = assembly.reactor
        self._reload = assembly.reload
        self._switch = assembly.telephony.switch
        self._current = assembly.current
        self._admission = admission
        self.listening: list[Any] = []
        self.switching_function: SwitchingFunction | None = None

    async def start(self, at_stop: AtStop) -> None:
        """Raises StartError, CannotListenError."""
        settings = self._reload.settings
        nodes, switch = self._assembly.nodes, cast(Switch, self._switch)
        if nodes is not None and self._assembly.worker is not None:
            # Of several processes this one speaks for all; nodes do each for itself.
            switch = nodes.together(switch)
        offered = SwitchingFunction(
            self._reactor, switch, self._admit, self._trusted, self._known, _limits(settings), self._forwards_to,
            lambda number: self._current.value.line(number) is not None, self.points,
        )  # fmt: skip
        self.switching_function = offered
        at_stop("CSTA clients", offered.stop)
        at_stop("CSTA users", self._current.subscribe(lambda old, new: offered.admit_again(self._after(old, new))))
        self._assembly.csta_points = self.points
        self._assembly.application.learn_points()
        self._reload.takes(("csta",), self._apply)
        if settings.csta.uacsta:
            self._serve_sip(offered, at_stop)
        for text in settings.csta.listen:
            try:
                endpoint = serverFromString(self._reactor, text)
            except Exception as error:  # a missing certificate, an unknown argument: every kind has its own errors
                raise StartError(f"cannot listen on {text}: {error}") from None
            port: Any = await endpoint.listen(cast(Any, offered.factory))
            at_stop(f"CSTA on {text}", port.stopListening)
            self.listening.append(port.getHost())
            self.log.info("the switch is offered by CSTA on {place}", place=text)

    def _serve_sip(self, offered: SwitchingFunction, at_stop: AtStop) -> None:
        telephony = self._assembly.telephony
        served = UaCstaServer(
            telephony.endpoint, offered, telephony.line_of, self._of_line, self._known,
            lambda: self._reload.settings.csta.uacsta_user,
        )  # fmt: skip
        at_stop("uaCSTA", served.stop)
        self.log.info("lines are offered by uaCSTA to who has their passwords")

    def _of_line(self, number: str) -> Account | None:
        """What a phone may do that has the password of a line: all with the lines of that line's user."""
        configuration = self._current.value
        line = configuration.line(number)
        if line is None or line.on_pbx:
            return None
        user = configuration.user_of_number(line.number)
        found = (configuration.line(one) for one in (line.number, *(user.lines if user is not None else ())))
        return Account(line.number, True, lines=frozenset(one.number for one in found if one is not None))

    def _apply(self, settings: Settings) -> None:
        """Take over settings that have changed."""
        if self.switching_function is not None:
            self.switching_function.limits = _limits(settings)
            self.switching_function.admit_again(self._still)
        self._assembly.application.learn_points()

    def _after(self, old: Configuration, new: Configuration) -> Callable[[Account, str], Account | None]:
        """As ``_still``, where the configuration has changed: new passwords are to be given anew."""

        def still(account: Account, address: str) -> Account | None:
            if account.lines is not None:
                before, now = old.line(account.name), new.line(account.name)
                if before is None or now is None or before.secret != now.secret:
                    return None
            return self._still(account, address)

        return still

    def _still(self, account: Account, address: str) -> Account | None:
        """What a client that was let in may do now."""
        if account.lines is not None:
            return self._of_line(account.name)
        if account.is_trusted:
            return self._trusted(address)
        user = self._current.value.user(account.name)
        if user is None or user.password_hash != account.password_hash:
            return None
        return self._account(user)

    def _account(self, user: User) -> Account | None:
        """What the settings let the programs of a user do."""
        csta = self._reload.settings.csta
        if user.key in map(str.casefold, csta.users):
            return Account(user.name, True, password_hash=user.password_hash)
        if user.key in map(str.casefold, csta.watchers):
            return Account(user.name, False, password_hash=user.password_hash)
        return None

    async def _admit(self, user: str, password: str, address: str) -> Account:
        """A user whom the settings name, by the password of the web pages. Raises NotAdmitted."""
        client = Client(address, False, False)
        try:
            # A hash that is renewed would look as a new password does, and end the session that begins here.
            found = await self._admission.log_in.check(user, password, client, HOW, renew=False)
        except (WrongCredentials, TooManyRequests):
            raise NotAdmitted from None
        except (ServiceUnavailable, Unavailable):
            raise NotAdmitted(is_busy=True) from None
        account = self._account(found)
        if account is None:
            self.log.info("{user} may not use CSTA: the settings do not name this user", user=found.name)
            raise NotAdmitted
        return account

    def _trusted(self, address: str) -> Account | None:
        is_open = Networks(self._reload.settings.csta.open_to).has(address)
        return Account(address, True, is_trusted=True) if is_open else None

    def _known(self, number: str) -> str | None:
        """A line or manager number, as it is stored."""
        line = self._current.value.line(number)
        if line is not None:
            return line.number
        return self._switch.route_point_of(number) if self._switch.is_route_point(number) else None

    def points(self) -> tuple[str, ...]:
        """The numbers whose calls programs route, as far as they are nobody's."""
        if self.switching_function is None:
            return ()
        known = [(number, self._current.value.known(number)) for number in self._reload.settings.csta.route_points]
        return tuple(number for number, one in known if one.line is None and one.group is None)

    def _forwards_to(self, device: str, forwarding: Forwarding) -> str:
        configuration = self._current.value
        return target_of(configuration, forwarding, configuration.user_of_number(device))

    def describe(self) -> list[str]:
        """The debug dump."""
        return self.switching_function.describe() if self.switching_function is not None else []


def _limits(settings: Settings) -> Limits:
    csta = settings.csta
    return Limits(
        csta.clients, csta.clients_per_address, csta.monitors, csta.requests_per_second, csta.unsent, csta.session,
        csta.heartbeat,
    )  # fmt: skip
