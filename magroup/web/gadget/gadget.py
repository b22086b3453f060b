"""One open gadget: what its browser knows, what it is told, and what it asks for."""

from collections.abc import Callable
from typing import Any, Protocol

from magroup.groups.picture import Onlooker
from magroup.groups.steering import Refused, Why
from magroup.model.fixed import fixed
from magroup.model.people import User
from magroup.web.gadget.messages import Command, Group, Malformed, Resume, read, said
from magroup.web.gadget.shown_group import ShownGroup
from magroup.web.gadget.websocket import Socket
from magroup.web.mail import NO_BOX, Waiting

_BEAT = said("beat")

MOST_WAITING = 20
"""Commands of one gadget that are being done at the same time."""


@fixed
class Visitor:
    """Who has opened a gadget: ``stays`` is asked now and then, ``uses`` with each command, whether the login holds."""

    user_name: str
    address: str
    stays: Callable[[], bool]
    uses: Callable[[], bool]


class Around(Protocol):
    """What a gadget needs of all of them together."""

    number: int

    def user(self, gadget: "Gadget") -> User | None: ...

    def hello(self, gadget: "Gadget", user: User) -> bytes: ...

    def groups(self, user: User) -> bytes: ...

    def look_at(self, gadget: "Gadget", user: User, group_id: int) -> "tuple[ShownGroup, Onlooker] | None": ...

    def look_away(self, gadget: "Gadget") -> None: ...

    def first_group(self, user: User) -> int: ...

    def resumes(self, shown: ShownGroup, command: Resume) -> bool: ...

    def mail(self, user: User) -> Waiting: ...

    def cannot_dial(self, user: User) -> str: ...

    def wait(self, gadget: "Gadget") -> float: ...

    def run(self, gadget: "Gadget", user: User, command: Command) -> None: ...

    def why(self, user: User | None, refused: Refused) -> str: ...

    def serve(self, gadget: "Gadget") -> None: ...

    def end(self, gadget: "Gadget", why: str) -> None: ...

    def opened(self, gadget: "Gadget") -> None: ...

    def closed(self, gadget: "Gadget") -> None: ...

    def note(self, gadget: "Gadget", what: str) -> None: ...

    def tell(self, gadget: "Gadget", message: bytes) -> None: ...


class Gadget:
    """Its socket brings what the browser says. It is served when it is its turn: told what looks another way by then.

    Of what it is shown only ``number`` is remembered, that of the board; who reads slowly costs no memory.
    """

    def __init__(self, around: Around, visitor: Visitor) -> None:
        self.visitor = visitor
        self.number = 0
        self.shown: ShownGroup | None = None
        self.is_queued = False
        self.is_over = False
        self.waiting = 0
        self.beat_at = 0.0
        self.unanswered = 0
        self.slow_since: float | None = None
        self.noted: frozenset[str] = frozenset()
        self.paused_now = False
        self._around = around
        self._socket: Socket | None = None
        self._onlooker: Onlooker | None = None
        self._own: frozenset[int] = frozenset()
        self._order: tuple[int, ...] = ()
        self._head = b""
        self._groups = b""
        self._mail = NO_BOX
        self._no_dial = ""

    @property
    def key(self) -> str:
        """The user's name as it is compared."""
        return self.visitor.user_name.casefold()

    @property
    def box(self) -> str:
        """The number of the user's mailbox; "" for none."""
        return self._mail.box

    # What its socket says

    def opened(self, socket: Socket) -> None:
        self._socket = socket
        user = self._around.user(self)
        if user is None or not self.visitor.stays():
            self._around.end(self, "session")
            return
        self._around.opened(self)
        self._groups = self._around.groups(user)
        self._mail = self._around.mail(user)
        self._no_dial = self._around.cannot_dial(user)
        self.send(self._around.hello(self, user))

    def received(self, text: bytes) -> None:
        if self.is_over:
            return
        self.unanswered = 0
        user = self._around.user(self)
        if user is None or not self.visitor.uses():
            self._around.end(self, "session")
        elif self.paused_now:
            self._around.end(self, "slow")
        else:
            self._take(user, text)

    def pong(self) -> None:
        self.unanswered = 0

    def paused(self, is_paused: bool) -> None:
        self.paused_now = is_paused
        if not is_paused:
            self.slow_since = None
            self._around.serve(self)

    def lost(self, broke_rules: bool) -> None:
        if broke_rules:
            self._around.note(self, "sends what is no message, or too large a one")
        if not self.is_over:
            self.is_over = True
            self._around.look_away(self)
        self._around.closed(self)

    # What it is told

    def go_on(self) -> None:
        """Its turn: tell what has changed."""
        if self.is_over or self.paused_now or self.shown is None or self._onlooker is None:
            return
        shown, number = self.shown, self._around.number
        if shown.configured_at > self.number:
            own = shown.own(self._onlooker)
            order = shown.ordered(own)
            more: dict[str, Any] = {}
            if bytes(shown.head) != self._head:
                more["group"] = shown.head
                self._head = bytes(shown.head)
            if order != self._order:
                gone = [id for id in self._order if id not in order]
                more |= {"order": order, **({"gone": gone} if gone else {})}
            self._own, self._order = own, order
            ids = shown.changed(self._onlooker, own, self.number, number)
            if ids or more:
                self.send(shown.change(self._onlooker, own, ids, number, **more))
        elif ids := shown.changed(self._onlooker, self._own, self.number, number):
            self.send(shown.change(self._onlooker, self._own, ids, number))
        self.number = number

    def reconfigured(self) -> None:
        """The configuration is another one: the user may see other groups, or this one with other eyes."""
        user = self._around.user(self)
        if user is None:
            self._around.end(self, "session")
            return
        groups = self._around.groups(user)
        if groups != self._groups:
            self._groups = groups
            self.send(groups)
        self.tell_of_mail()
        self.tell_of_dialling()
        if self.shown is None:
            if first := self._around.first_group(user):
                self._show(user, first)
            return
        before = self._onlooker
        looking = self._around.look_at(self, user, self.shown.id)
        if looking is None:
            self._show(user, self._around.first_group(user))
        elif looking[1] != before:
            self._begin(*looking)

    def send(self, text: bytes) -> None:
        if self._socket is not None and not self.is_over:
            self._socket.send(text)

    def beat(self) -> None:
        """A sign of life for the page, and a question to its browser, which answers by itself."""
        if self._socket is not None:
            self.unanswered += 1
            self._socket.send(_BEAT)
            self._socket.ping()

    def tell_of_mail(self) -> None:
        """What waits in the user's mailbox, where that is something else than before."""
        user = self._around.user(self)
        if user is not None and (mail := self._around.mail(user)) != self._mail:
            self._mail = mail
            self.send(said("mail", mail=mail))

    def tell_of_dialling(self) -> None:
        """Why the user can call nobody from here now, where that is something else than before."""
        user = self._around.user(self)
        if user is not None and (why := self._around.cannot_dial(user)) != self._no_dial:
            self._no_dial = why
            self.send(said("dialling", why=why))

    def say_bye(self, why: str) -> None:
        """The last word; nothing is said or taken after it."""
        self.send(said("bye", why=why))
        self.is_over = True
        self._around.look_away(self)
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        if self._socket is not None:
            self._socket.abort()

    def done(self, id: int, result: object) -> None:
        self.send(said("done", id=id, result=result))

    def refused(self, user: User | None, id: int, refused: Refused) -> None:
        if refused.why.code == "forbidden":
            self._around.note(self, "asks for what its user may not do")
        self.send(said("refused", id=id, why=self._around.why(user, refused), code=refused.why.code))

    def notice(self, text: str) -> None:
        """One that its user reads, here or, where this one is closed, in another gadget."""
        self._around.tell(self, said("notice", text=text))

    # What it asks for

    def _take(self, user: User, text: bytes) -> None:
        try:
            command = read(text)
        except Malformed as wrong:
            self._around.note(self, "said what is no command")
            if self._around.wait(self):
                self._around.end(self, "slow")
            else:
                self.refused(user, wrong.id, Refused(Why.MALFORMED))
            return
        if self._around.wait(self) or self.waiting >= MOST_WAITING:
            self._around.note(self, "gives too many commands")
            self.refused(user, command.id, Refused(Why.BUSY))
        elif isinstance(command, Group | Resume):
            self._choose(user, command)
        else:
            self._around.run(self, user, command)

    def _choose(self, user: User, command: Group | Resume) -> None:
        looking = self._around.look_at(self, user, command.group)
        if looking is None:
            self.refused(user, command.id, Refused(Why.NO_GROUP))
            return
        self.done(command.id, {})
        shown, viewer = looking
        if isinstance(command, Resume) and self._around.resumes(shown, command):
            self.shown, self._onlooker, self.number = shown, viewer, command.after
            self._own = shown.own(viewer)
            self._order, self._head = shown.ordered(self._own), bytes(shown.head)
            self._around.serve(self)
        else:
            self._begin(shown, viewer)

    def _show(self, user: User, group_id: int) -> None:
        looking = self._around.look_at(self, user, group_id) if group_id else None
        if looking is not None:
            self._begin(*looking)
        else:
            self._around.look_away(self)
            self.send(said("empty"))

    def _begin(self, shown: ShownGroup, viewer: Onlooker) -> None:
        self.shown, self._onlooker, self.number = shown, viewer, self._around.number
        self._own = shown.own(viewer)
        self._order, self._head = shown.ordered(self._own), bytes(shown.head)
        self.send(shown.snapshot(viewer, self._own, self.number))
