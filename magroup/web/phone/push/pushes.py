"""All that is pushed to phones, put together: statuses, ringtones, texts."""

from collections.abc import Callable
from typing import Any

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.board import Board
from magroup.groups.member_states import MemberStates
from magroup.groups.ringtones import Ringtones
from magroup.model.configuration import Configuration
from magroup.model.lines import Phone, Registration
from magroup.model.settings import Settings
from magroup.web.phone.display import Display
from magroup.web.phone.models import Model
from magroup.web.phone.push.answer import Answer
from magroup.web.phone.push.authentication import Authentication
from magroup.web.phone.push.by_sip import BySip, Remote
from magroup.web.phone.push.credentials import UnderWay
from magroup.web.phone.push.documents import is_tone, play, text
from magroup.web.phone.push.figures import PushCollector
from magroup.web.phone.push.post import Post
from magroup.web.phone.push.pusher import Pusher
from magroup.web.phone.push.shown import ShownStatus
from magroup.web.phone.push.sites import Sites
from magroup.web.phone.push.statuses import Statuses
from magroup.web.phone.push.ways import Ways
from magroup.web.phone.trust import Registrations


def _ours(device: str, registration: Registration | None) -> bool:
    """As long as there is one node."""
    return True


class Pushes:
    """Start it after ``board``. ``own`` is the address by which the phone of a registration reaches us, ``http_port``
    gives that of the web server; ``clock`` is a reactor's. ``is_ours`` says of a phone, by its casefolded name and its
    registration, whether this node and no other keeps its status.
    """

    def __init__(
        self, board: Board, switch: Switch, application: Application, states: MemberStates,
        configuration: Callable[[], Configuration], settings: Callable[[], Settings], registrations: Registrations,
        remote: Remote, own: Callable[[Registration], str], http_port: Callable[[], int],
        display: Display, clock: Any, is_ours: Callable[[str, Registration | None], bool] = _ours,
    ) -> None:  # fmt: skip
        under_way = UnderWay()
        self.authentication = Authentication(under_way, clock.seconds)
        self.sites = Sites(lambda: settings().public_url, own, http_port)
        self._configuration = configuration
        ways = Ways(
            configuration, registrations, Post(clock, clock, under_way), BySip(remote, clock),
            lambda: settings().phones.push,
        )  # fmt: skip
        self.pusher = Pusher(clock, ways, lambda: settings().phones.pushes_at_once)
        self.collector = PushCollector(self.pusher.figures, lambda: self.pusher.left_alone)
        self._ways, self._is_ours = ways, is_ours
        shown = ShownStatus(configuration, display, self.sites, ways, lambda phone: phone.strip, self._is_ours_now)
        self.statuses = Statuses(board, self.pusher, configuration, shown.view, shown.document, clock)
        self.ringtones = Ringtones(
            switch, states, application, configuration, self._play, lambda: settings().phones.tones_in_calls, clock
        )  # fmt: skip

    def start(self) -> None:
        self.statuses.start()
        self.ringtones.start()

    def stop(self) -> None:
        """What is under way is broken off."""
        self.ringtones.stop()
        self.statuses.stop()
        self.pusher.stop()

    def appeared(self, registration: Registration) -> None:
        """A phone has registered that was not there."""
        self.statuses.appeared(registration.number)

    def seen(self, device: str, site: str, model: Model) -> None:
        """A phone, by its casefolded name, has asked for a page under this URL: maybe now it can be told something."""
        if self.sites.seen(device, site, model):
            self.statuses.seen(device)

    def configured(self) -> None:
        """The settings of phones, or the configuration, are others."""
        self.sites.keep_only(phone.device_name.casefold() for phone in self._configuration().phones)
        self.statuses.configured()

    def text(self, device: str, title: str, words: str) -> None:
        """Show a message on a phone, by its casefolded name, if it can be reached within seconds."""
        self.pusher.push(device, _Once(text(title, words), lambda: True))

    def _is_ours_now(self, phone: Phone) -> bool:
        return self._is_ours(phone.device_name.casefold(), self._ways.registration(phone))

    def _play(self, device: str, tone: str, is_wanted: Callable[[], bool]) -> None:
        phone = self._configuration().phone(device)
        if is_tone(tone) and phone is not None and self._is_ours_now(phone):
            self.pusher.push(device, _Once(play(tone), is_wanted))


class _Once:
    """What is pushed now or never."""

    __slots__ = ("_document", "_is_wanted")

    def __init__(self, document: bytes, is_wanted: Callable[[], bool]) -> None:
        self._document = document
        self._is_wanted = is_wanted

    async def document(self) -> bytes:
        return self._document if self._is_wanted() else b""

    def answered(self, answer: Answer) -> None:
        """Nobody waits for it."""
