"""The mailboxes: their messages and greetings, true in memory, saved behind; the files are written elsewhere."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from twisted.logger import Logger

from magroup.model.messages import NO_MESSAGES, Message, MessagesWaiting
from magroup.voicemail.boxes import Box, Boxes
from magroup.voicemail.folder import greeting_of, path_of

Save = Callable[[Message], None]
Remove = Callable[[str], None]
Discard = Callable[[Path], None]
"""None of these may wait: a message as it is now, the id of one that is gone, a file that is to be deleted."""

Greeted = Callable[[str, bool], None]
"""Hears of a box that has an own greeting now, a new one too, or none any more."""

Subscriber = Callable[[str], None]
"""Hears the number of a box whose messages have changed."""


class Mailboxes:
    """All messages, by the number of their box (without separators). Boxes that are not configured keep theirs."""

    log = Logger()

    def __init__(
        self, folder: Path, save: Save, remove: Remove, discard: Discard, boxes: Boxes,
        messages: Iterable[Message] = (), greetings: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.folder = folder
        self._save = save
        self._remove = remove
        self._discard = discard
        self.tell_greeting: Greeted = lambda box, is_there: None
        self._boxes = boxes
        self._greetings = set(greetings)
        self._by_box: dict[str, dict[str, Message]] = {}
        self._subscribers: list[Subscriber] = []
        self._line_subscribers: list[Subscriber] = []
        for message in sorted(messages, key=_place):
            self._by_box.setdefault(message.box, {})[message.id] = message

    # What is there

    def box(self, number: str) -> Box | None:
        """The box with this number in any spelling; also nobody's whose messages are still there."""
        return self._boxes.get(number) or (Box(number) if number in self._by_box else None)

    def boxes(self) -> tuple[Box, ...]:
        """All of those, in no order."""
        left = (Box(number) for number in self._by_box if self._boxes.get(number) is None)
        return (*self._boxes.all(), *left)

    def messages(self, box: str) -> tuple[Message, ...]:
        """Those of a box, the oldest first."""
        return tuple(self._by_box.get(box, {}).values())

    def get(self, box: str, message_id: str) -> Message | None:
        """A message that is there."""
        return self._by_box.get(box, {}).get(message_id)

    def path(self, message: Message) -> Path:
        """The WAV file of a message."""
        return path_of(self.folder, message)

    def greeting(self, box: str) -> Path | None:
        """The own greeting of a box."""
        return greeting_of(self.folder, box) if box in self._greetings else None

    def counts(self, box: str) -> MessagesWaiting:
        """How many messages are in a box."""
        messages = self._by_box.get(box, {}).values()
        old = sum(message.heard for message in messages)
        return MessagesWaiting(len(messages) - old, old) if messages else NO_MESSAGES

    def waiting(self, line: str) -> MessagesWaiting:
        """How many messages wait for the user of a line."""
        return self._waiting(self._boxes, line)

    def _waiting(self, boxes: Boxes, line: str) -> MessagesWaiting:
        box = boxes.of_line(line)
        return self.counts(box.number) if box is not None else NO_MESSAGES

    # What happens

    def add(self, message: Message) -> None:
        """A message was left, its file is complete."""
        self._save(message)
        self.take(message)

    def heard(self, box: str, message_id: str, heard: bool = True) -> None:
        """A message was listened to, or is to be new again; one that is not there does no harm."""
        message = self.get(box, message_id)
        if message is None or message.heard is heard:
            return
        self._by_box[box][message_id] = message = replace(message, heard=heard)
        self._save(message)
        self._tell(box)

    def delete(self, box: str, message_id: str) -> None:
        """A message and its file go; one that is not there does no harm."""
        message = self.get(box, message_id)
        if message is None:
            return
        self._discard(self.path(message))
        self._remove(message_id)
        self._drop(message)

    def _drop(self, message: Message) -> None:
        del self._by_box[message.box][message.id]
        if not self._by_box[message.box]:
            del self._by_box[message.box]
        self._tell(message.box)

    def greeted(self, box: str) -> None:
        """A greeting was recorded for a box."""
        self._greetings.add(box)
        self.tell_greeting(box, True)

    def no_greeting(self, box: str) -> None:
        """The box goes back to the standard greeting."""
        if box in self._greetings:
            self._greetings.discard(box)
            self._discard(greeting_of(self.folder, box))
            self.tell_greeting(box, False)

    # What others do with the same files, and have stored

    def take(self, message: Message) -> None:
        """A message was left elsewhere, or something was done with it."""
        messages = self._by_box.setdefault(message.box, {})
        if messages.get(message.id) == message:
            return
        is_last = message.id in messages or not messages or _place(message) > _place(next(reversed(messages.values())))
        messages[message.id] = message
        if not is_last:
            self._by_box[message.box] = {one.id: one for one in sorted(messages.values(), key=_place)}
        self._tell(message.box)

    def take_away(self, message_id: str) -> None:
        """A message was deleted elsewhere; one that is not there does no harm."""
        message = next((found for box in self._by_box.values() if (found := box.get(message_id)) is not None), None)
        if message is not None:
            self._drop(message)

    def take_greeting(self, box: str, is_there: bool) -> None:
        """A greeting was recorded, or deleted, elsewhere."""
        (self._greetings.add if is_there else self._greetings.discard)(box)

    def configure(self, boxes: Boxes) -> None:
        """Whose boxes they are now."""
        before, self._boxes = self._boxes, boxes
        if boxes.is_as(before):
            return
        filled = [box for number in self._by_box for of in (before, boxes) if (box := of.get(number)) is not None]
        for line in dict.fromkeys(line for box in filled for line in box.lines):
            if self._waiting(before, line) != self.waiting(line):
                self._tell_all(self._line_subscribers, line)

    # Who hears of it

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell ``subscriber`` of each box whose messages change, until what is returned is called."""
        return _subscribed(self._subscribers, subscriber)

    def subscribe_lines(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell ``subscriber`` of each line (as stored) for which ``waiting`` may have changed."""
        return _subscribed(self._line_subscribers, subscriber)

    def _tell(self, number: str) -> None:
        self._tell_all(self._subscribers, number)
        box = self._boxes.get(number)
        for line in box.lines if box is not None else ():
            self._tell_all(self._line_subscribers, line)

    def _tell_all(self, subscribers: list[Subscriber], number: str) -> None:
        for subscriber in tuple(subscribers):
            try:
                subscriber(number)
            except Exception:
                self.log.failure("A subscriber of mailboxes failed")


def _place(message: Message) -> tuple[float, str]:
    """By which they are in order."""
    return message.left_at, message.id


def _subscribed(subscribers: list[Subscriber], subscriber: Subscriber) -> Callable[[], None]:
    subscribers.append(subscriber)

    def unsubscribe() -> None:
        if subscriber in subscribers:
            subscribers.remove(subscriber)

    return unsubscribe
