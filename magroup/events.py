"""What phones can watch and say beside calls: busy lamps, presence, messages; the parts put together."""

from collections.abc import Callable

from magroup.groups.application import Application
from magroup.groups.phone_presence import PhonePresence
from magroup.groups.presence import PresenceBook
from magroup.groups.visibility import Visibility
from magroup.model.configuration import Configuration
from magroup.model.messages import MessagesWaiting
from magroup.model.presence import PresenceState
from magroup.switch.lamps import Lamps
from magroup.switch.message_waiting import MessageWaiting
from magroup.switch.pidf import Published
from magroup.switch.presence_events import PresenceEvents, PublishedPresence
from magroup.telephony import Telephony


class Events:
    """``waiting(number)`` says how many messages wait at a line; tell ``message_waiting.changed`` of each change."""

    def __init__(
        self, telephony: Telephony, application: Application, book: PresenceBook,
        configuration: Callable[[], Configuration], waiting: Callable[[str], MessagesWaiting], domain: str,
    ) -> None:  # fmt: skip
        self._telephony = telephony
        self._notifier = telephony.notifier
        self._book = book
        self._configuration = configuration
        self._phones = PhonePresence(book, configuration)
        self._lamps = Lamps(
            configuration, Visibility(configuration, application.vip).sees_caller,
            lambda number: self._notifier.changed("dialog", number), telephony.switch,
        )  # fmt: skip
        self.message_waiting = MessageWaiting(
            self._notifier, telephony.registrar, telephony.timers, configuration, waiting,
            lambda: application.settings.voicemail, domain,
        )  # fmt: skip
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Serve phones from now on. Start the application before: it hears first of what the switch reports."""
        self._stops = [self._lamps.stop, self._book.subscribe(self._presence_changed)]
        for package in (self._lamps, PresenceEvents(self._configuration, self._book.get), self.message_waiting):
            self._notifier.add(package)
        self._telephony.publications.add(PublishedPresence(self._published, self._phones.withdrawn))

    def stop(self) -> None:
        for stop in self._stops:
            stop()

    def configure(self, configuration: Configuration) -> None:
        """This is the configuration now: what is watched may be gone."""
        self._phones.keep_only(configuration.user_by_name)
        self._notifier.review()

    def _presence_changed(self, user_name: str, state: PresenceState) -> None:
        self._notifier.changed("presence", user_name)

    def _published(self, line: str, key: str, state: Published) -> None:
        self._phones.published(line, key, state.presence, state.message)
