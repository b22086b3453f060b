"""A call to the voicemail's pilot by somebody who wants to listen: first the login, then the menu."""

from magroup.cti.switch import Accept
from magroup.cti.types import Call
from magroup.model.recording import Recorded
from magroup.voicemail.boxes import Box
from magroup.voicemail.login import Login
from magroup.voicemail.menu import Menu
from magroup.voicemail.service import Service, Timer


class Listening:
    """One call."""

    def __init__(self, service: Service, call: Call) -> None:
        self.id = call.id
        self._service = service
        self._timer = Timer(service, self)
        self._at: Login | Menu = Login(service, self.id, call.calling, self._timer, self._opened)

    @property
    def state(self) -> object:
        return self._at.state

    @property
    def is_timed(self) -> bool:
        """Whether a key is waited for."""
        return bool(self._timer)

    def start(self) -> None:
        """The call is answered."""
        self._service.switch.accept_call(self.id, Accept.ANSWER)
        self._at.start()

    def message_ended(self) -> None:
        """What was played is over."""
        self._at.message_ended()

    def digit(self, digit: str) -> None:
        """A key was pressed."""
        self._at.digit(digit)

    def recorded(self, recorded: Recorded) -> None:
        """The own greeting is recorded."""
        if isinstance(self._at, Menu):
            self._at.recorded(recorded)

    def abandon(self) -> None:
        """The call has left or is over."""
        self._timer.stop()
        self._at.abandon()

    def _opened(self, box: Box) -> None:
        self._service.opened(self.id, box)
        self._at = Menu(self._service, self.id, box, self._timer)
        self._at.start()
