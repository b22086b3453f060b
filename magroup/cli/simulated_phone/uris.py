"""URLs and internal URIs: which are known where, and how they are joined (Development Notes, "Internal URIs")."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.refusal import Refusal, Rule, Shown

LONGEST_URL = 256
DEVICE_NAME = "#DEVICENAME#"
JOINED = "QueryStringParam"


class Place(Enum):
    """Where a URI stands."""

    SOFTKEY = auto()
    DOWN = auto()
    ITEM = auto()
    EXECUTE = auto()
    ACTION = auto()
    FORM = auto()
    PICTURE = auto()
    ICON = auto()


_ONLY_HTTP = frozenset((Place.FORM, Place.PICTURE))
_NOT_IN = {
    "SoftKey": {Place.EXECUTE, Place.ITEM, Place.ACTION, Place.ICON},
    JOINED: {Place.EXECUTE, Place.DOWN, Place.ACTION, Place.ICON},
    "Notify": {Place.EXECUTE},
}
_WITH_DEVICE_NAME = frozenset((Place.ITEM, Place.EXECUTE))

_READING = frozenset(("Back", "Exit", "Update"))
_CHOOSING = frozenset(("Back", "Select", "Exit"))
SOFTKEYS = {
    **dict.fromkeys(("Menu", "IconMenu", "IconFileMenu"), _CHOOSING),
    **dict.fromkeys(("Text", "Image", "ImageFile", "GraphicMenu", "GraphicFileMenu"), _READING),
    "Input": frozenset(("Back", "Submit", "<<", "Cancel", "Exit", "Update")),
    "Directory": frozenset(("Back", "Cancel", "Exit", "Next", "Dial", "EditDial")),
}
"""What may follow ``SoftKey:`` by the object shown."""

_DIALLED = re.compile(r"[0-9#*A-D,]{1,64}\Z")
_HTTP_TEXT = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+\Z")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_STREAM_PORTS = range(20480, 32769, 2)
_BUILT_IN = frozenset(
    f"Application:Cisco/{name}"
    for name in (
        "MissedCalls", "ReceivedCalls", "PlacedCalls", "Voicemail", "CorporateDirectory", "PersonalDirectory",
    )
)  # fmt: skip
_STILL = (
    "Connected", "AuthenticatedCall", "SecureCall", "OnHook", "OffHook", "Messages", "InUse", "Headset", "Handset",
    "Speaker", "Locked", "UnLocked", "Checked", "UnChecked", "RadioButtonOn", "RadioButtonOff",
)  # fmt: skip
_MOVING = ("Ringin", "Hold", "MessageWaiting", "StreamingRx", "StreamingTx", "StreamRxTx", "Throbber")
ICONS = frozenset(f"Resource:Icon.{name}" for name in _STILL) | {f"Resource:AnimatedIcon.{name}" for name in _MOVING}


@dataclass(frozen=True)
class Uri:
    """``scheme`` as it is written, ``rest`` what follows its colon. A URL has the scheme "http" or "https"."""

    scheme: str
    rest: str

    @property
    def is_http(self) -> bool:
        return self.scheme in ("http", "https")


def split(text: str) -> Uri:
    """The parts of a URI, whatever they are worth."""
    scheme, _, rest = text.partition(":")
    return Uri(scheme.lower() if scheme.lower() in ("http", "https") else scheme, rest)


def check_uri(text: str, place: Place, model: PhoneModel, kind: str = "") -> Uri:
    """The parts of a URI that is good for this place in an object ``kind``. Raises Refusal."""
    if len(text) > LONGEST_URL:
        raise Refusal(Rule.LENGTH, f"a URL of {len(text)} characters, at most {LONGEST_URL}: {text[:60]}...")
    uri = split(text)
    if uri.is_http:
        if place is Place.DOWN:
            raise Refusal(Rule.URI, f"URLDown takes internal URIs only: {text}")
        check_http(text.replace(DEVICE_NAME, "SEP") if place in _WITH_DEVICE_NAME else text)
        return uri
    if place in _ONLY_HTTP or ":" not in text:
        raise Refusal(Rule.URL, f"is no http URL: {text!r}")
    if uri.scheme not in model.schemes:
        raise Refusal(Rule.URI, f"a {model.name} knows no {uri.scheme!r} URI: {text!r}")
    if place in _NOT_IN.get(uri.scheme, ()) or (uri.scheme == "Resource") is not (place is Place.ICON):
        raise Refusal(Rule.URI, f"{uri.scheme}: means nothing here ({place.name.lower()}): {text!r}")
    if uri.scheme == "SoftKey":
        if uri.rest not in SOFTKEYS.get(kind, ()):
            raise Refusal(Rule.SOFTKEY_URI, f"{kind} has no {text!r}")
    elif uri.scheme == "Key":
        if uri.rest not in model.keys:
            raise Refusal(Rule.KEY, f"a {model.name} has no key {uri.rest!r}")
    elif not _CHECKS.get(uri.scheme, bool)(uri.rest):
        raise Refusal(Rule.URI, f"is no good {uri.scheme} URI: {text!r}")
    return uri


def check_http(url: str) -> None:
    """Whether a phone can ask for it. Raises Refusal."""
    shown = repr(url[:LONGEST_URL])
    if DEVICE_NAME in url:
        raise Refusal(Rule.DEVICE_NAME, f"{DEVICE_NAME} is for URLs of items and of an Execute only: {shown}")
    if not _HTTP_TEXT.match(url) or _BROKEN_PERCENT.search(url):
        raise Refusal(Rule.URL, f"has characters that have to be escaped: {shown}")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        good = False
    if not good:
        raise Refusal(Rule.URL, f"is no URL with a host: {shown}")


def check_action(name: str, text: str, model: PhoneModel) -> None:
    """An attribute onApp...: several URIs with semicolons between. Raises Refusal."""
    for one in text.split(";"):
        uri = check_uri(one, Place.ACTION, model)
        if uri.is_http and name == "onAppClosed":
            raise Refusal(Rule.URI, f"{name} may hold no http URL: {one}")
        if uri.scheme == "App" and uri.rest.split(":")[1:2] == ["0"]:
            raise Refusal(Rule.URI, f"{name} may hold no App: URI with priority 0: {one}")


def with_device(text: str, device: str) -> str:
    """The phone's own name in its place."""
    return text.replace(DEVICE_NAME, device)


def with_query(url: str, query: str) -> str:
    """More parameters behind those that a URL has."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


def joined(softkey: str, item: str) -> str | None:
    """The URL of a softkey on an item where one of the two is QueryStringParam; None where neither is.

    Raises Refusal when there is no URL to join it to.
    """
    for one, other in ((softkey, item), (item, softkey)):
        if split(one).scheme == JOINED:
            if not split(other).is_http:
                raise Refusal(Rule.URI, f"{one} has no http URL to be joined to, the other is {other!r}", Shown.NOTHING)
            return with_query(other, split(one).rest)
    return None


def _parts_between(least: int, most: int) -> Callable[[str], bool]:
    return lambda rest: least <= rest.count(":") + 1 <= most


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= most


def _dials(rest: str) -> bool:
    number, _, more = rest.partition(":")
    return bool(_DIALLED.match(number)) and more.count(":") <= 2


def _lights(rest: str) -> bool:
    state, _, minutes = rest.partition(":")
    return state in ("Off", "On", "Default") and _is_number(minutes, 1440)


def _streams(rest: str) -> bool:
    if rest == "Stop":
        return True
    parts = rest.split(":")
    return len(parts) in (2, 3) and parts[1].isdecimal() and int(parts[1][:6]) in _STREAM_PORTS


def _notifies(rest: str) -> bool:
    """proto:host:port:path:credentials:data, the last two may be left out."""
    parts = rest.split(":", 5)
    return (
        len(parts) >= 4
        and parts[0] in ("http", "https")
        and all(parts[1:4])
        and _is_number(parts[2], 65535)
        and ";" not in parts[3]
    )


def _applies(rest: str) -> bool:
    parts = rest.split(":", 3)
    if parts[0] not in ("RequestFocus", "ReleaseFocus", "Minimize", "Close"):
        return False
    priority, timer, app = [*parts[1:], "", "", ""][:3]
    timer_is_good = timer == "" or (_is_number(timer, 86400) and int(timer) >= 10)
    return priority in ("", "0", "1", "2") and timer_is_good and len(app) <= 64


_CHECKS: dict[str, Callable[[str], bool]] = {
    "Dial": _dials,
    "EditDial": lambda rest: bool(_DIALLED.match(rest)),
    "SendDigits": lambda rest: bool(_DIALLED.match(rest.partition(":")[0])),
    "Play": re.compile(r"(Stop|[A-Za-z0-9 ._-]{1,60})\Z").match,  # type: ignore[dict-item]
    "Display": _lights,
    "Init": frozenset(("CallHistory", "Services", "Messages", "Directories", "AppStatus")).__contains__,
    "RTPRx": _streams,
    "RTPTx": _streams,
    "RTPMRx": _streams,
    "RTPMTx": _streams,
    "Notify": _notifies,
    "App": _applies,
    "QueryStringParam": lambda rest: bool(_HTTP_TEXT.match(rest)),
    "UserData": _parts_between(2, 10),
    "UserDataSoftKey": _parts_between(3, 11),
    "UserCallData": _parts_between(5, 20),
    "UserCallDataSoftKey": _parts_between(6, 20),
    "Application": lambda rest: f"Application:{rest}" in _BUILT_IN,
    "Resource": lambda rest: f"Resource:{rest}" in ICONS,
    "Device": frozenset(("Unlock", "GeneratePRT", "PRTStatus")).__contains__,
}
