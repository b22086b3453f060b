"""What a phone shows: the objects of the XML services, read and found good."""

from dataclasses import dataclass, field

MENUS = frozenset(("Menu", "IconMenu", "IconFileMenu", "GraphicMenu", "GraphicFileMenu"))
"""The objects with items to choose from."""


@dataclass(frozen=True)
class SoftKey:
    """``url`` is done when it is let go, ``url_down`` when it is pressed. ``position`` 0: one that the phone added."""

    name: str
    position: int
    url: str = ""
    url_down: str = ""


@dataclass(frozen=True)
class Item:
    """What can be chosen; ``icon`` is the index of an IconItem, ``touch`` X1, Y1, X2, Y2."""

    name: str
    url: str = ""
    icon: int | None = None
    touch: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Field:
    """An InputItem."""

    name: str
    parameter: str
    flags: str
    default: str = ""

    @property
    def is_hidden(self) -> bool:
        return "P" in self.flags

    @property
    def kind(self) -> str:
        """A, T, N, E, U or L."""
        return self.flags.replace("P", "")


@dataclass(frozen=True)
class Execution:
    """An ExecuteItem."""

    url: str
    priority: int = 0


@dataclass(frozen=True)
class Page:
    """An object; ``kind`` without "CiscoIPPhone". ``picture`` is the URL of the image of a ...File object.

    ``url`` is that of an Input's form, ``entries`` are name and number of a Directory, ``icons`` URLs by index,
    ``actions`` the URIs of the attributes on... by their names.
    """

    kind: str
    title: str = ""
    prompt: str = ""
    softkeys: tuple[SoftKey, ...] = ()
    keys: tuple[tuple[str, str, str], ...] = ()
    items: tuple[Item, ...] = ()
    text: str = ""
    fields: tuple[Field, ...] = ()
    url: str = ""
    method: str = "get"
    entries: tuple[tuple[str, str], ...] = ()
    icons: dict[int, str] = field(default_factory=dict)
    picture: str = ""
    location: tuple[int, int] = (0, 0)
    is_wide: bool = False
    executions: tuple[Execution, ...] = ()
    error: int | None = None
    app_id: str = ""
    actions: dict[str, str] = field(default_factory=dict)

    @property
    def is_menu(self) -> bool:
        return self.kind in MENUS
