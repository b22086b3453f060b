"""The elements of each object: how often, how long, how large (CiscoIPPhone.xsd 3.3.4, Development Notes)."""

from dataclasses import dataclass, field

KEYS = frozenset(
    (
        *(f"KeyPad{key}" for key in (*range(10), "Star", "Pound")), "NavUp", "NavDown", "NavLeft", "NavRight",
        "NavSelect", "NavBack", "PushToTalk",
    )
)  # fmt: skip
FLAGS = frozenset(flag + more for flag in "ATNEUL" for more in ("", "P")) | {f"P{flag}" for flag in "ATNEUL"}


@dataclass(frozen=True)
class Text:
    """Characters; ``breaks`` is how many line breaks there may be."""

    most: int
    least: int = 0
    words: frozenset[str] = frozenset()
    breaks: int = 0


@dataclass(frozen=True)
class Number:
    """A whole number."""

    least: int
    most: int


@dataclass(frozen=True)
class Hex:
    """``most`` bytes in hexadecimal."""

    most: int


@dataclass(frozen=True)
class Parts:
    """Elements in this order, unless ``any_order``; the names of ``attributes`` are all required."""

    children: dict[str, "Child"] = field(default_factory=dict)
    attributes: dict[str, Text | Number] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    any_order: bool = False


@dataclass(frozen=True)
class Child:
    """How often an element may and has to be there."""

    holds: Text | Number | Hex | Parts
    most: int = 1
    least: int = 0


URL = Text(256)
NEEDED_URL = Text(256, 1)
_COORDINATE = Number(0, 65535)

_SOFTKEY = Parts(
    {
        "Name": Child(Text(32, 1), least=1),
        "Position": Child(Number(1, 8), least=1),
        "URL": Child(URL),
        "URLDown": Child(URL),
    },
    any_order=True,
)
_KEY = Parts({"Key": Child(Text(32, 1, KEYS), least=1), "URL": Child(URL), "URLDown": Child(URL)})
_ITEM = {"Name": Child(Text(64, 1, breaks=2), least=1), "URL": Child(URL)}
_TOUCHED = Parts(
    {
        "Name": Child(Text(32, 1), least=1),
        "URL": Child(URL),
        "TouchArea": Child(Parts(attributes=dict.fromkeys(("X1", "Y1", "X2", "Y2"), _COORDINATE)), least=1),
    }
)
_WITH_ICON = Parts({**_ITEM, "IconIndex": Child(Number(0, 9))})
_ICON = Parts(
    {
        "Index": Child(Number(0, 9), least=1),
        "Width": Child(Number(1, 16), least=1),
        "Height": Child(Number(1, 10), least=1),
        "Depth": Child(Number(1, 2), least=1),
        "Data": Child(Hex(40)),
    }
)
_ICON_FILE = Parts({"Index": Child(Number(0, 9), least=1), "URL": Child(NEEDED_URL, least=1)})
_FIELD = Parts(
    {
        "DisplayName": Child(Text(32, 1), least=1),
        "QueryStringParam": Child(Text(32, 1), least=1),
        "InputFlags": Child(Text(2, 1, FLAGS), least=1),
        "DefaultValue": Child(Text(32)),
    }
)
_ENTRY = Parts({"Name": Child(Text(32, 1), least=1), "Telephone": Child(Text(32))})


def _place(x: int, y: int) -> dict[str, Child]:
    return {"LocationX": Child(Number(-1, x)), "LocationY": Child(Number(-1, y))}


def _bitmap(width: int, height: int, size: int) -> dict[str, Child]:
    return {
        "Width": Child(Number(1, width), least=1),
        "Height": Child(Number(1, height), least=1),
        "Depth": Child(Number(1, 2), least=1),
        "Data": Child(Hex(size)),
    }


HEAD = {"Title": Child(Text(32)), "Prompt": Child(Text(32))}
KEY_ITEMS = {"SoftKeyItem": Child(_SOFTKEY, 8), "KeyItem": Child(_KEY, 32)}

_PICTURE = {**_place(132, 64), **_bitmap(133, 65, 2162)}
_STATUS = {"Text": Child(Text(32)), "Timer": Child(Number(0, 65535))}
_PICTURE_FILE = {**_place(297, 167), "URL": Child(NEEDED_URL, least=1)}

BODIES: dict[str, dict[str, Child]] = {
    "Menu": {"MenuItem": Child(Parts(_ITEM), 100)},
    "Text": {"Text": Child(Text(4000, breaks=4000), least=1)},
    "Input": {"URL": Child(NEEDED_URL, least=1), "InputItem": Child(_FIELD, 5, 1)},
    "Directory": {"DirectoryEntry": Child(_ENTRY, 32)},
    "IconMenu": {"MenuItem": Child(_WITH_ICON, 32), "IconItem": Child(_ICON, 10)},
    "IconFileMenu": {"MenuItem": Child(_WITH_ICON, 32), "IconItem": Child(_ICON_FILE, 10)},
    "Image": _PICTURE,
    "ImageFile": _PICTURE_FILE,
    "GraphicMenu": {**_PICTURE, "MenuItem": Child(Parts(_ITEM), 12)},
    "GraphicFileMenu": {**_PICTURE_FILE, "MenuItem": Child(_TOUCHED, 32)},
    "Status": {**_STATUS, **_place(105, 20), **_bitmap(106, 21, 557)},
    "StatusFile": {**_STATUS, **_place(261, 49), "URL": Child(NEEDED_URL, least=1)},
    "Execute": {
        "ExecuteItem": Child(
            Parts(attributes={"Priority": Number(0, 2), "URL": NEEDED_URL}, optional=frozenset(("Priority",))), 3, 1
        )
    },
    "Error": {},
}
"""By the object without "CiscoIPPhone": what is its own."""

BARE = frozenset(("Status", "StatusFile", "Execute", "Error"))
"""Objects without title, prompt, keys and their attributes."""

PUSHED = frozenset(("Status", "StatusFile"))
"""Objects that a phone does not take when it has asked for them."""

ACTIONS = ("onAppFocusLost", "onAppFocusGained", "onAppMinimized", "onAppClosed")
ATTRIBUTES: dict[str, Text] = {
    "keypadTarget": Text(32, 1, frozenset(("application", "applicationCall", "activeCall"))),
    "appId": Text(64, 1),
    **dict.fromkeys(ACTIONS, Text(256, 1)),
}
METHODS = frozenset(("get", "post"))
WINDOW = {"WindowMode": Text(6, 1, frozenset(("Normal", "Wide")))}
IN_A_WINDOW = frozenset(("Image", "ImageFile", "GraphicMenu", "GraphicFileMenu"))
