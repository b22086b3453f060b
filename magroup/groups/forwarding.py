"""The forwarding book: where managers and lines have their calls sent, true in memory, saved behind (spec 2)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from twisted.logger import Logger

from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.groups import Member
from magroup.model.lines import Line
from magroup.model.snapshot import Snapshot
from magroup.policy import Refusal, Refused, check_forwarding, refusal_in_words, target_of

__all__ = ["ForwardingBook", "ForwardingChange", "ForwardingError", "Refused", "target_of"]

K = TypeVar("K")

SaveApplication = Callable[[int, Forwarding], None]
"""Takes a member's id and the new forwarding; must not wait."""

SaveLine = Callable[[str, Forwarding], None]
"""Takes a line's number as stored and the new forwarding; must not wait."""


@fixed
class ForwardingChange:
    """What was set: the application forwarding of ``member_id``, or the forwarding of the line ``number``."""

    forwarding: Forwarding
    member_id: int = 0
    number: str = ""


Subscriber = Callable[[ForwardingChange], None]


class ForwardingError(ValueError):
    """A forwarding that cannot be set: ``refusal`` says why, the message in English; None for an unknown who."""

    def __init__(self, message: str, refusal: Refusal | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal


class ForwardingBook:
    """Both kinds of forwarding, application by member id and line by its number as stored; who is not in it has none.

    A forwarding whose target is not there for a while, such as a mobile number, is kept and does nothing meanwhile.
    """

    log = Logger()

    def __init__(
        self,
        clock: Clock,
        configuration: Configuration,
        save_application: SaveApplication,
        save_line: SaveLine,
        application: Mapping[int, Forwarding] | None = None,
        lines: Mapping[str, Forwarding] | None = None,
    ) -> None:
        self._clock = clock
        self._configuration = configuration
        self._save_application = save_application
        self._save_line = save_line
        self._application = dict(application or {})
        self._lines = dict(lines or {})
        self._subscribers: list[Subscriber] = []

    @property
    def application(self) -> Mapping[int, Forwarding]:
        """By member id; the mapping is never changed, a new one takes its place."""
        return MappingProxyType(self._application)

    @property
    def lines(self) -> Mapping[str, Forwarding]:
        """By the line's number as stored; the mapping is never changed, a new one takes its place."""
        return MappingProxyType(self._lines)

    def of_member(self, member_id: int) -> Forwarding:
        return self._application.get(member_id, NO_FORWARDING)

    def of_line(self, number: str) -> Forwarding:
        """The forwarding of the line with this number in any spelling."""
        line = self._configuration.line(number)
        return self._lines.get(line.number if line else number, NO_FORWARDING)

    def set_application(self, member_id: int, forwarding: Forwarding, changed_by: str = "") -> Forwarding:
        """Set a manager's application forwarding: its kind, number and member. Raises ForwardingError.

        What is set already is no change and is told to nobody; the same holds for ``set_line``.
        """
        member = self._configuration.member_by_id.get(member_id)
        if member is None:
            raise ForwardingError(f"There is no member {member_id}.")
        old = self.of_member(member_id)
        new = self._checked(member, forwarding, old, changed_by)
        if new is not old:
            self._application = {**self._application, member_id: new}
            self._save_application(member_id, new)
            self._tell(ForwardingChange(new, member_id=member_id))
        return new

    def set_line(self, number: str, forwarding: Forwarding, changed_by: str = "") -> Forwarding:
        """Set the forwarding of a line. Raises ForwardingError."""
        line = self._configuration.line(number)
        if line is None:
            raise ForwardingError(f"There is no line {number}.")
        old = self.of_line(line.number)
        new = self._checked(line, forwarding, old, changed_by)
        if new is not old:
            self._lines = {**self._lines, line.number: new}
            self._save_line(line.number, new)
            self._tell(ForwardingChange(new, number=line.number))
        return new

    def take(self, change: ForwardingChange) -> None:
        """Another node, which has checked and saved it, says so."""
        if change.member_id and self.of_member(change.member_id) != change.forwarding:
            self._application = {**self._application, change.member_id: change.forwarding}
            self._tell(change)
        elif change.number and self._lines.get(change.number, NO_FORWARDING) != change.forwarding:
            self._lines = {**self._lines, change.number: change.forwarding}
            self._tell(change)

    def configure(self, configuration: Configuration) -> None:
        """Take the new configuration; forget the forwardings of members and lines that are gone, and those to them.

        An id that was given to the member of another group or user is another member. Whoever had a forwarding to a
        member that is gone has none now, which is told.
        """
        before, self._configuration = self._configuration.member_by_id, configuration

        def is_member(id: int) -> bool:
            member = configuration.member_by_id.get(id)
            return member is not None and (id not in before or _is_same(before[id], member))

        def is_line(number: str) -> bool:
            return _is_line(configuration, number)

        members = [id for id in _without_target(self._application, is_member) if is_member(id)]
        lines = [number for number in _without_target(self._lines, is_member) if is_line(number)]
        self._application = _only(self._application, is_member, is_member)
        self._lines = _only(self._lines, is_line, is_member)
        for id in members:
            self._tell(ForwardingChange(NO_FORWARDING, member_id=id))
        for number in lines:
            self._tell(ForwardingChange(NO_FORWARDING, number=number))

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell ``subscriber`` of each change, until what is returned is called."""
        self._subscribers = [*self._subscribers, subscriber]

        def unsubscribe() -> None:
            self._subscribers = [other for other in self._subscribers if other is not subscriber]

        return unsubscribe

    def _checked(self, who: Member | Line, forwarding: Forwarding, old: Forwarding, changed_by: str) -> Forwarding:
        """``forwarding`` as it is to be kept; ``old`` where that says the same already."""
        to = forwarding.to
        new = Forwarding(
            to,
            forwarding.number.strip() if to is ForwardTo.NUMBER else "",
            forwarding.member_id if to is ForwardTo.MEMBER else 0,
            self._clock.seconds(),
            changed_by,
        )
        if replace(new, since=old.since, changed_by=old.changed_by) == old:
            return old
        snapshot = Snapshot(self._configuration, application_forwarding=self.application, line_forwarding=self.lines)
        if refusal := check_forwarding(snapshot, who, new):
            raise ForwardingError(refusal_in_words(refusal), refusal)
        return new

    def _tell(self, change: ForwardingChange) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(change)
            except Exception:
                self.log.failure("A subscriber of forwarding failed")


def _is_same(before: Member, now: Member) -> bool:
    return (before.group_id, before.user_name.casefold()) == (now.group_id, now.user_name.casefold())


def _is_line(configuration: Configuration, number: str) -> bool:
    line = configuration.line(number)
    return line is not None and line.number == number


def _without_target(forwardings: Mapping[K, Forwarding], is_target: Callable[[int], bool]) -> list[K]:
    return [
        owner
        for owner, forwarding in forwardings.items()
        if forwarding.to is ForwardTo.MEMBER and not is_target(forwarding.member_id)
    ]


def _only(
    forwardings: Mapping[K, Forwarding], is_owner: Callable[[K], bool], is_target: Callable[[int], bool]
) -> dict[K, Forwarding]:  # fmt: skip
    return {
        owner: forwarding
        for owner, forwarding in forwardings.items()
        if is_owner(owner) and (forwarding.to is not ForwardTo.MEMBER or is_target(forwarding.member_id))
    }
