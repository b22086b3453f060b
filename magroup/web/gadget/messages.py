"""What a browser says to the gadget, one JSON object a message; what it is answered with."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from magroup.groups.presence import LONGEST_MESSAGE
from magroup.model.checks import LARGEST_ID
from magroup.model.forwarding import ForwardTo

Id = Annotated[int, Meta(ge=0, le=LARGEST_ID)]
Number = Annotated[int, Meta(ge=0, le=2**53)]
Text = Annotated[str, Meta(max_length=200)]


class Asked(Struct, forbid_unknown_fields=True, tag_field="do", kw_only=True, frozen=True):
    """``id`` is what done and refused say again."""

    id: Number


class Group(Asked, tag="group", frozen=True):
    """Show this group."""

    group: Id


class Resume(Asked, tag="resume", frozen=True):
    """Go on after a lost socket."""

    life: Text
    group: Id
    after: Number


class Presence(Asked, tag="presence", frozen=True):
    user: Text
    value: Literal["available", "away", "busy", "dnd"]
    message: Annotated[str, Meta(max_length=LONGEST_MESSAGE)] = ""


class Forward(Asked, tag="forward", frozen=True):
    """The forwarding of ``member``; ``target`` is another member's id."""

    member: Id
    kind: Literal["line", "application"]
    to: ForwardTo
    number: Text = ""
    target: Id = 0


class Target(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One of the three."""

    number: Annotated[str, Meta(max_length=64)] | None = None
    member: Id | None = None
    voicemail: Id | None = None


class OfCall(Asked, frozen=True):
    """A call, at one of its devices."""

    call: Text
    device: Text


class Answer(OfCall, tag="answer", frozen=True):
    pass


class End(OfCall, tag="end", frozen=True):
    pass


class Hold(OfCall, tag="hold", frozen=True):
    pass


class Retrieve(OfCall, tag="retrieve", frozen=True):
    pass


class Complete(OfCall, tag="complete", frozen=True):
    pass


class Cancel(OfCall, tag="cancel", frozen=True):
    pass


class Pickup(OfCall, tag="pickup", frozen=True):
    pass


class Blind(OfCall, tag="blind", frozen=True):
    to: Target


class Consult(OfCall, tag="consult", frozen=True):
    to: Target


class Digits(OfCall, tag="digits", frozen=True):
    digits: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^,*[0-9A-Da-d*#][0-9A-Da-d*#,]*$")]
    """A comma is a pause."""


class Dial(Asked, tag="dial", frozen=True):
    """``from_`` is one of the own lines, "" the first."""

    to: Target
    from_: Text = msgspec.field(default="", name="from")


class Search(Asked, tag="search", frozen=True):
    text: Text


class Messages(Asked, tag="messages", frozen=True):
    """The voicemail."""


class Heard(Asked, tag="heard", frozen=True):
    """A message was listened to, or is to be new again."""

    message: Text
    heard: bool


class Delete(Asked, tag="delete", frozen=True):
    message: Text


class SetLanguage(Asked, tag="language", frozen=True):
    language: Literal["en", "de", "fr"]


class OnPhone(Asked, tag="on_phone", frozen=True):
    """The phone of ``member``, an own one, shows its group, or none."""

    member: Id
    shown: bool


OnCall = Answer | End | Hold | Retrieve | Complete | Cancel | Pickup | Blind | Consult | Digits
OfMail = Messages | Heard | Delete
Command = Group | Resume | Presence | Forward | OnCall | Dial | Search | OfMail | SetLanguage | OnPhone
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Command)
_encode = msgspec.json.Encoder().encode


class Malformed(Exception):
    """No message that we know; ``id`` is what it calls itself, if that could be read."""

    def __init__(self, id: int) -> None:
        super().__init__()
        self.id = id


def read(text: bytes) -> Command:
    """The message in ``text``. Raises Malformed."""
    try:
        command: Command = _DECODER.decode(text)
        return command
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(_id(text)) from None


def _id(text: bytes) -> int:
    try:
        id = msgspec.json.decode(text, type=dict[str, Any]).get("id")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    return id if type(id) is int and 0 <= id <= 2**53 else 0


def said(kind: str, **values: Any) -> bytes:
    """A message of the server."""
    return _encode({"type": kind, **values})
