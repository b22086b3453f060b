"""What phones can watch and say beside calls: busy lamps, presence, messages; the parts put together."""

from collections.abc import Callable

from magroup.cti.events import BackInService, Event, OutOfService
from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.forwarding import ForwardingChange
from magroup.groups.member_states import MemberStates
from magroup.groups.phone_lines import PhoneLines
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
from magroup.switch.remotecc.lamp import lamp_of
from magroup.switch.remotecc.updates import OwnLine, PhoneUpdates
from magroup.telephony import Telephony


class Events:
    """``waiting(number)`` says how many messages wait at a line; tell ``messages_changed`` of each change."""

    def __init__(
        self, telephony: Telephony, switch: Switch, application: Application, book: PresenceBook,
        configuration: Callable[[], Configuration], waiting: Callable[[str], MessagesWaiting], domain: str,
        states: MemberStates,
    ) -> None:  # fmt: skip
        self._telephony = telephony
        self._switch = switch
        self._notifier = telephony.notifier
        self._book = book
        self._configuration = configuration
        self._phones = PhonePresence(book, configuration)
        self._lamps = Lamps(
            configuration, Visibility(configuration, application.vip).sees_caller,
            self._lamp_changed, switch,
        )  # fmt: skip
        self.message_waiting = MessageWaiting(
            self._notifier, telephony.registrar, telephony.timers, configuration, waiting,
            lambda: application.settings.voicemail, domain,
        )  # fmt: skip
        self._forwardings = application.forwarding
        lines = PhoneLines(application, states)
        self.phone_updates = PhoneUpdates(
            telephony.endpoint, telephony.registrar, telephony.remote,
            lambda number: OwnLine(self.message_waiting.waiting(number), *lines.forwarded_to(number)),
            lambda number: lamp_of(*lines.state(number)), lines.of_the_same_groups, domain,
            self._watch,
        )  # fmt: skip
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Serve phones from now on. Start the application before: it hears first of what the switch reports."""
        self._stops += [
            self._lamps.stop, self._book.subscribe(self._presence_changed),
            self._forwardings.subscribe(self._forwarding_changed),
        ]  # fmt: skip
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
        self.phone_updates.review()

    def messages_changed(self, number: str) -> None:
        """How many wait at a line."""
        self.message_waiting.changed(number)
        self.phone_updates.line_changed(number)

    def _watch(self) -> None:
        """The first phone is there that is told of others' lines without having asked."""
        self._lamps.listen()
        self._stops.append(self._switch.monitor_start(self._heard).stop)

    def _heard(self, event: Event) -> None:
        if isinstance(event, BackInService | OutOfService):
            self.phone_updates.lamp_changed(event.device)

    def _lamp_changed(self, number: str) -> None:
        self._notifier.changed("dialog", number)
        self.phone_updates.lamp_changed(number)

    def _forwarding_changed(self, change: ForwardingChange) -> None:
        if change.number:
            self.phone_updates.line_changed(change.number)

    def _presence_changed(self, user_name: str, state: PresenceState) -> None:
        self._notifier.changed("presence", user_name)
        configuration = self._configuration()
        user = configuration.user(user_name)
        for line in filter(None, map(configuration.line, user.lines if user is not None else ())):
            self.phone_updates.lamp_changed(line.number)

    def _published(self, line: str, key: str, state: Published) -> None:
        self._phones.published(line, key, state.presence, state.message)
