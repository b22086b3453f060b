"""The voicemail as web pages have it: whose box, and its messages; mailboxes tell lamps what becomes of them."""

from typing import Any
from urllib.parse import quote

from magroup.model.fixed import fixed
from magroup.model.messages import Message
from magroup.model.people import User
from magroup.voicemail.boxes import Box
from magroup.voicemail.greetings import Greetings
from magroup.voicemail.mailboxes import Mailboxes


@fixed
class Waiting:
    """What is in a user's ``box``, which is "" where there is none."""

    box: str
    new: int
    old: int


NO_BOX = Waiting("", 0, 0)


@fixed
class Mail:
    """Each method does what it says for the box of a user, who may have none."""

    mailboxes: Mailboxes
    greetings: Greetings

    def box_of(self, user: User) -> Box | None:
        return self.mailboxes.box(user.voicemail) if user.voicemail else None

    def waiting(self, user: User) -> Waiting:
        box = self.box_of(user)
        if box is None:
            return NO_BOX
        counts = self.mailboxes.counts(box.number)
        return Waiting(box.number, counts.new, counts.old)

    def messages_of(self, user: User) -> dict[str, Any]:
        """``box``, "" for none, and its ``messages``, the newest first, as the gadget shows them."""
        box = self.box_of(user)
        if box is None:
            return {"box": "", "messages": []}
        return {"box": box.number, "messages": [_shown(message) for message in self.newest_first(box.number)]}

    def newest_first(self, box: str) -> list[Message]:
        return sorted(self.mailboxes.messages(box), key=place)

    def heard(self, user: User, message_id: str, heard: bool = True) -> bool:
        """The message was listened to, or is new again; False where there is no such message."""
        message = self._message(user, message_id)
        if message is None:
            return False
        self.mailboxes.heard(message.box, message.id, heard)
        return True

    def delete(self, user: User, message_id: str) -> bool:
        """False where there is no such message; whoever hears it by phone hears it to its end."""
        message = self._message(user, message_id)
        if message is None:
            return False
        self.mailboxes.delete(message.box, message.id)
        return True

    def _message(self, user: User, message_id: str) -> Message | None:
        box = self.box_of(user)
        return self.mailboxes.get(box.number, message_id) if box is not None else None


def place(message: Message) -> tuple[float, str]:
    """What messages are sorted by, the newest first."""
    return -message.left_at, message.id


def audio_url(message: Message) -> str:
    """Where the message can be heard, by a browser that has logged in."""
    return f"/api/v1/voicemail/{quote(message.box, safe='')}/messages/{quote(message.id, safe='')}/audio"


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": message.id, "name": message.caller_name, "number": message.caller_number, "left_at": message.left_at,
        "seconds": message.seconds, "heard": message.heard, "url": audio_url(message),
    }  # fmt: skip
