"""The XML objects of Cisco IP phones; what is over a limit cannot be made (CiscoIPPhone.xsd 3.3.4).

Texts are cut to what fits, since they are names of people and things. Too many items, or a URL that is too long, is an
error of the page: ``ValueError``.
"""

from collections.abc import Sequence
from enum import Enum, StrEnum

from magroup.model.fixed import fixed

TITLE = PROMPT = KEY_NAME = DISPLAY_NAME = ENTRY_NAME = TOUCH_NAME = DEFAULT_VALUE = 32
ITEM_NAME = 64
URL = 256
TEXT = 4000
MENU_ITEMS = 100
ICON_ITEMS = 32
DIRECTORY_ENTRIES = 32
INPUT_ITEMS = 5
ICONS = 10
SOFT_KEYS = 8
EXECUTE_ITEMS = 3
ELLIPSIS = "…"


class Place(Enum):
    """What a softkey is for; where it stands depends on the model."""

    ACT = "act"
    MORE = "more"
    EXIT = "exit"
    BACK = "back"


@fixed
class SoftKey:
    """``url`` is a URL or one of the phone's own such as ``SoftKey:Select``."""

    name: str
    url: str
    place: Place = Place.MORE

    def __post_init__(self) -> None:
        check_url(self.url)


@fixed
class Item:
    """An entry of a menu; ``icon`` is an index of the menu's icons, -1 for none."""

    name: str
    url: str
    icon: int = -1

    def __post_init__(self) -> None:
        check_url(self.url)


@fixed
class TouchItem:
    """An area of a picture to be touched, in pixels of the display for services; the first one that fits counts."""

    name: str
    url: str
    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        check_url(self.url)


class InputFlags(StrEnum):
    """What may be typed."""

    ASCII = "A"
    TELEPHONE = "T"
    NUMERIC = "N"
    UPPER = "U"
    LOWER = "L"
    PASSWORD = "AP"
    NUMERIC_PASSWORD = "NP"


@fixed
class InputItem:
    """``name`` is that of the parameter."""

    label: str
    name: str
    flags: InputFlags = InputFlags.ASCII
    value: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= DISPLAY_NAME:
            raise ValueError(f"a parameter's name has 1 to {DISPLAY_NAME} characters")


@fixed
class Displayable:
    """What all objects have that are shown."""

    title: str
    prompt: str = ""
    keys: Sequence[SoftKey] = ()

    def __post_init__(self) -> None:
        check_count("softkeys", self.keys, SOFT_KEYS)


@fixed
class Menu(Displayable):
    """A list to choose from; with ``icons`` (URLs of PNGs, 18 by 18 at most) one of 32 items."""

    items: Sequence[Item] = ()
    icons: Sequence[str] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("items", self.items, ICON_ITEMS if self.icons else MENU_ITEMS)
        check_count("icons", self.icons, ICONS)
        for url in self.icons:
            check_url(url)


@fixed
class Text(Displayable):
    text: str = ""


@fixed
class Input(Displayable):
    """A form; ``url`` is asked with the parameters."""

    url: str = ""
    items: Sequence[InputItem] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_url(self.url)
        check_count("fields", self.items, INPUT_ITEMS)


@fixed
class Picture(Displayable):
    """A PNG at ``url``; with ``areas`` one that can be touched. ``wide``: it is as wide as the model's wide window."""

    url: str = ""
    areas: Sequence[TouchItem] = ()
    wide: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_url(self.url)
        check_count("areas", self.areas, ICON_ITEMS)


@fixed
class StatusStrip:
    """A PNG beside the calls, which stays (CiscoIPPhoneStatusFile); it can only be pushed."""

    url: str
    text: str = ""

    def __post_init__(self) -> None:
        check_url(self.url)


@fixed
class Execute:
    """URLs, each with its priority 0 to 2, that the phone is to load or do."""

    items: Sequence[tuple[str, int]]

    def __post_init__(self) -> None:
        check_count("items", self.items, EXECUTE_ITEMS)
        if sum(url.startswith("http") for url, _ in self.items) > 1:
            raise ValueError("a phone loads only one URL at a time")
        for url, priority in self.items:
            check_url(url)
            if priority not in (0, 1, 2):
                raise ValueError("priorities are 0, 1 and 2")


PhoneObject = Menu | Text | Input | Picture | StatusStrip | Execute


def check_url(url: str) -> None:
    if not 1 <= len(url) <= URL:
        raise ValueError(f"a URL for a phone has 1 to {URL} characters, not {len(url)}: {url[:80]!r}")


def check_count(what: str, things: Sequence[object], most: int) -> None:
    if len(things) > most:
        raise ValueError(f"a phone takes {most} {what} at most, not {len(things)}")


def fitted(text: str, most: int) -> str:
    """``text`` in one line of at most so many characters, without what cannot be in XML."""
    clean = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(clean.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + ELLIPSIS


def fitted_lines(text: str, most: int) -> str:
    """The same for a text of several lines."""
    lines = (fitted(line, most) for line in text.splitlines())
    whole = "\n".join(lines)
    return whole if len(whole) <= most else whole[: most - 1] + ELLIPSIS
