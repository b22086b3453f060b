"""All open gadgets: served in turns after each change on the board, pinged, and closed where they must not go on."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.groups.board import Board
from magroup.groups.picture import Onlooker, Scene, groups_for, onlooker
from magroup.groups.steering import Refused
from magroup.model.clock import Clock, DelayedCall
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.languages import Language
from magroup.model.people import Privilege, User
from magroup.model.settings import Settings
from magroup.version import VERSION
from magroup.web.gadget.gadget import Gadget, Visitor
from magroup.web.gadget.messages import Command, Resume, said
from magroup.web.gadget.present import Present
from magroup.web.gadget.shown_group import ShownGroup
from magroup.web.mail import Waiting

BEAT = 8.0
"""Seconds between two signs of life, and two looks at the login; who answers none of two is gone.

The page expects something every 20 s: it sees no pings.
"""

LEAST_BEATS = 20
"""Signs of life that are given in one second where there are few gadgets: those of many are spread."""

MOST_UNANSWERED = 2

SLOW = 10.0
"""Seconds for which a browser may leave what was sent unread."""

CLOSING = 2.0
"""Seconds that a connection has to close itself."""

PAUSE = 0.02
"""Seconds between two rounds at least: what happens meanwhile goes out together."""

IN_A_TURN = 25
"""Gadgets that are served before the reactor does something else."""


class Rates(Protocol):
    """How often somebody may ask."""

    def wait(self, who: str) -> float:
        """Seconds to wait before the next command, 0.0 where it may be given now; it counts then."""
        ...


class Runs(Protocol):
    """Does commands: tells the gadget what came of it, now or later."""

    def __call__(self, gadget: Gadget, user: User, command: Command) -> None: ...


@fixed
class Surroundings:
    """What gadgets are handed. ``scene`` gives what they show, for a configuration; ``tone`` the address of a sound.

    ``presence`` hears of a user, by name, that the first gadget was opened or the last one closed. ``mail`` says what
    waits for a user; ``mail_changes`` takes who hears of each box in which something has changed, and
    gives what ends that.
    """

    board: Board
    clock: Clock
    settings: Callable[[], Settings]
    configuration: Callable[[], Configuration]
    scene: Callable[[Configuration], Scene]
    tone: Callable[[str], str]
    rates: Rates
    run: Runs
    presence: Callable[[str], None]
    mail: Callable[[User], Waiting]
    mail_changes: Callable[[Callable[[str], None]], Callable[[], None]]


class TooManyGadgets(Exception):
    """No more of them now."""


class Gadgets:
    """Start it after the board. ``number`` is that of the last news on the board that is known here.

    ``refusals`` counts refused commands by their code, ``ends`` the gadgets that the server has closed by why.
    """

    log = Logger()

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._board = surroundings.board
        self._clock = surroundings.clock
        self.number = 0
        self._configuration = surroundings.configuration()
        self._scene = surroundings.scene(self._configuration)
        self._open: dict[Gadget, None] = {}
        self._closing: dict[Gadget, Any] = {}
        self._present = Present(surroundings.clock, surroundings.presence)
        self.refusals: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self._shown: dict[int, tuple[ShownGroup, dict[Gadget, None]]] = {}
        self._queue: deque[Gadget] = deque()
        self._turn: DelayedCall | None = None
        self._ticking: DelayedCall | None = None
        self._is_round_due = False
        self._began = -PAUSE
        self._stopped: Deferred[None] | None = None
        self._stops: tuple[Callable[[], None], ...] = ()
        self._leave: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def describe(self) -> dict[str, int]:
        """What is held, for the debug page: nothing when no gadget is open."""
        return {
            "open": len(self._open), "paused": sum(gadget.paused_now for gadget in self._open),
            "closing": len(self._closing), "shown": len(self._shown), "queued": len(self._queue),
        }  # fmt: skip

    def start(self) -> None:
        """Listen to the board and to the mailboxes."""
        self.number = self._board.number
        self._stops = (self._board.subscribe(self._news), self._around.mail_changes(self._mail_changed))

    def stop(self) -> Deferred[None]:
        """Say bye to all of them; what is returned fires when they are gone."""
        stopped = self._stopped = Deferred()
        for stop in self._stops:
            stop()
        self._present.stop()
        for gadget in tuple(self._open):
            self.end(gadget, "stopping")
        self._queue.clear()
        for timer in (self._turn, self._ticking):
            if timer is not None and timer.active():
                timer.cancel()
        if not self._closing:
            stopped.callback(None)
        return stopped

    def is_open(self, user_key: str) -> bool:
        """Whether somebody, by casefolded name, has a gadget open, or has closed it a moment ago."""
        return user_key in self._present

    def admit(self, visitor: Visitor) -> Gadget:
        """A gadget for a socket that is being opened. Raises TooManyGadgets."""
        if self._stopped is not None or len(self._open) >= self._around.settings().gadget.sockets:
            raise TooManyGadgets
        return Gadget(self, visitor)

    # What gadgets ask for

    def opened(self, gadget: Gadget) -> None:
        while len(own := self._present.of(gadget.key)) >= self._around.settings().gadget.sockets_per_user:
            self.end(own[0], "replaced")
        if not self._open:
            self._leave = self._board.follow()
            self.number = self._board.number
        self._open[gadget] = None
        gadget.beat_at = self._clock.seconds() + BEAT
        self._present.add(gadget)
        if self._ticking is None:
            self._ticking = self._clock.callLater(1.0, self._tick)

    def end(self, gadget: Gadget, why: str) -> None:
        """Say bye, and close the connection."""
        self._forget(gadget)
        if gadget not in self._closing:
            self.ends[why] += 1
            self._closing[gadget] = self._clock.callLater(CLOSING, gadget.abort)
            gadget.say_bye(why)

    def closed(self, gadget: Gadget) -> None:
        """Its connection is closed."""
        self._forget(gadget)
        timer = self._closing.pop(gadget, None)
        if timer is not None and timer.active():
            timer.cancel()
        if self._stopped is not None and not self._closing and not self._stopped.called:
            self._stopped.callback(None)

    def user(self, gadget: Gadget) -> User | None:
        return self._around.configuration().user_by_name.get(gadget.key)

    def hello(self, gadget: Gadget, user: User) -> bytes:
        me = {
            "user": user.name, "name": user.full_name, "language": self.language(user),
            "admin": Privilege.ADMIN in user.privileges,
        }  # fmt: skip
        groups = [{"id": group.id, "name": group.name} for group in groups_for(self._configuration, user)]
        return said(
            "hello", life=self._board.life, now=self._clock.seconds(), version=VERSION, me=me, groups=groups,
            mail=self.mail(user),
        )  # fmt: skip

    def groups(self, user: User) -> bytes:
        groups = [{"id": group.id, "name": group.name} for group in groups_for(self._configuration, user)]
        return said("groups", groups=groups)

    def first_group(self, user: User) -> int:
        groups = groups_for(self._configuration, user)
        return groups[0].id if groups else 0

    def look_at(self, gadget: Gadget, user: User, group_id: int) -> tuple[ShownGroup, Onlooker] | None:
        """The group, where the user may see it; the gadget hears of it from now on."""
        group = next((one for one in groups_for(self._configuration, user) if one.id == group_id), None)
        if group is None:
            return None
        if gadget.shown is not None and gadget.shown.id != group_id:
            self.look_away(gadget)
        if group_id not in self._shown:
            self._shown[group_id] = (ShownGroup(lambda: self._scene, self._around.tone, group, self.number), {})
        shown, gadgets = self._shown[group_id]
        gadgets[gadget] = None
        return shown, onlooker(self._configuration, user, group_id, self.language(user))

    def look_away(self, gadget: Gadget) -> None:
        shown, gadget.shown = gadget.shown, None
        if shown is not None and shown.id in self._shown:
            _, gadgets = self._shown[shown.id]
            gadgets.pop(gadget, None)
            if not gadgets:
                del self._shown[shown.id]

    def resumes(self, shown: ShownGroup, command: Resume) -> bool:
        """Whether what was missed is known."""
        is_here = command.life == self._board.life and command.after <= self.number
        return is_here and shown.look_back(self._board, command.after)

    def language(self, user: User) -> Language:
        return Language.of(user.language, Language(self._around.settings().language))

    def mail(self, user: User) -> Waiting:
        return self._around.mail(user)

    def wait(self, gadget: Gadget) -> float:
        return self._around.rates.wait(str(id(gadget)))

    def run(self, gadget: Gadget, user: User, command: Command) -> None:
        self._around.run(gadget, user, command)

    def why(self, user: User | None, refused: Refused) -> str:
        self.refusals[refused.why.code] += 1
        return refused.words(self.language(user) if user is not None else Language.ENGLISH)

    def note(self, gadget: Gadget, what: str) -> None:
        """For the log, once for each gadget."""
        if what not in gadget.noted:
            gadget.noted |= {what}
            self.log.warn(
                "the gadget of {user} at {address} {what}", user=gadget.visitor.user_name,
                address=gadget.visitor.address, what=what,
            )  # fmt: skip

    def tell(self, gadget: Gadget, message: bytes) -> None:
        """Tell the gadget, or where it is closed the newest one of its user."""
        for to in (gadget,) if gadget in self._open else self._present.of(gadget.key)[-1:]:
            to.send(message)

    def serve(self, gadget: Gadget) -> None:
        """Let it have its turn soon."""
        if not gadget.is_queued and gadget in self._open:
            gadget.is_queued = True
            self._queue.append(gadget)
            self._turn_later(0.0)

    def _mail_changed(self, box: str) -> None:
        for gadget in tuple(self._open):
            if gadget.box == box:
                gadget.tell_of_mail()

    # Turns

    def _news(self) -> None:
        if self._shown or self._configuration is not self._around.configuration():
            if not self._is_round_due:
                self._is_round_due = True
                self._turn_later(max(0.0, self._began + PAUSE - self._clock.seconds()))
        else:
            self.number = self._board.number

    def _turn_later(self, delay: float) -> None:
        if self._turn is None and self._stopped is None:
            self._turn = self._clock.callLater(delay, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        now = self._clock.seconds()
        if self._is_round_due and now >= self._began + PAUSE:
            self._is_round_due, self._began = False, now
            self._begin_round()
        for _ in range(min(IN_A_TURN, len(self._queue))):
            gadget = self._queue.popleft()
            gadget.is_queued = False
            try:
                gadget.go_on()
            except Exception:
                self.log.failure("A gadget cannot be told what has changed")
                self.end(gadget, "stopping")
        if self._queue:
            self._turn_later(0.0)
        elif self._is_round_due:
            self._turn_later(max(0.0, self._began + PAUSE - now))

    def _begin_round(self) -> None:
        """Find out who is concerned by what is new on the board."""
        news = self._board.since(self.number, self._board.number - self.number)
        self.number = self._board.number
        configuration = self._around.configuration()
        concerned: dict[Gadget, None] = {}
        if news is None or configuration is not self._configuration:
            self._configure(configuration)
            concerned = dict(self._open)
        for one in news or ():
            for shown, gadgets in tuple(self._shown.values()):
                if shown.mark(one.change, one.number):
                    concerned.update(gadgets)
        for gadget in concerned:
            self.serve(gadget)

    def _configure(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._scene = self._around.scene(configuration)
        for group_id, (shown, _) in tuple(self._shown.items()):
            if not shown.configure(configuration, self.number):
                del self._shown[group_id]
        for gadget in tuple(self._open):
            gadget.reconfigured()

    # Time

    def _tick(self) -> None:
        now = self._clock.seconds()
        beats = max(LEAST_BEATS, int(len(self._open) / BEAT) + 1)
        for gadget in tuple(self._open):
            if gadget.paused_now:
                gadget.slow_since = now if gadget.slow_since is None else gadget.slow_since
                if now - gadget.slow_since >= SLOW:
                    self.note(gadget, "does not read what it is sent")
                    self.end(gadget, "slow")
            elif now >= gadget.beat_at and beats:
                beats -= 1
                gadget.beat_at = now + BEAT
                self._check(gadget)
        self._ticking = self._clock.callLater(1.0, self._tick) if self._open else None

    def _check(self, gadget: Gadget) -> None:
        if not gadget.visitor.stays():
            self.end(gadget, "session")
        elif gadget.unanswered >= MOST_UNANSWERED:
            self.ends["gone"] += 1
            self._forget(gadget)
            gadget.abort()
        else:
            gadget.beat()

    def _forget(self, gadget: Gadget) -> None:
        if gadget not in self._open:
            return
        del self._open[gadget]
        if not self._open:
            self._leave()
        self._present.remove(gadget)
