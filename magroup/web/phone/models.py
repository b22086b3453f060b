"""What models of Cisco IP phones show: sizes, objects, softkeys (Cisco IP Phone Services Notes).

Where a phone says in its request what it can show, that is taken; a picture that is pushed has no request before it.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from magroup.model.fixed import fixed


class Size(NamedTuple):
    """In pixels."""

    width: int
    height: int


@fixed
class Model:
    """``picture`` is the area of an ImageFile, ``wide`` that with WindowMode="Wide", ``strip`` that of a StatusFile.

    Each is None where the model has no such object.

    ``depth`` in bits a pixel, ``rows`` and ``columns`` of the status display's tiles (manual, "Supported phones").
    ``action_first``: the softkey that acts comes before Exit, and there is a line for a prompt.
    """

    name: str = ""
    picture: Size | None = None
    wide: Size | None = None
    strip: Size | None = None
    depth: int = 24
    is_colour: bool = True
    rows: int = 4
    columns: int = 6
    has_icons: bool = False
    is_touched: bool = False
    action_first: bool = False
    softkeys: int = 5

    @property
    def most_tiles(self) -> int:
        return self.rows * self.columns


PLAIN = Model()
"""A phone that is not known: it gets menus without icons and no pictures."""

_OLD = Model(rows=3, columns=6, has_icons=True, action_first=True, softkeys=4)
_NEW = Model(has_icons=True)
_STRIP_79 = Size(252, 50)
_STRIP_797 = Size(262, 50)
_STRIP_88 = Size(414, 70)


def _models(names: Iterable[str], like: Model) -> dict[str, Model]:
    return {name: replace(like, name=name) for name in names}


MODELS: dict[str, Model] = {
    **_models(("7940", "7960"), replace(_OLD, depth=2, is_colour=False, has_icons=False)),
    **_models(
        ("7941", "7942", "7961", "7962"),
        replace(_OLD, picture=Size(298, 144), wide=Size(320, 144), strip=_STRIP_79, depth=4, is_colour=False),
    ),
    **_models(
        ("7945", "7965"),
        replace(_OLD, picture=Size(298, 156), wide=Size(320, 156), strip=_STRIP_79, depth=16),
    ),
    **_models(
        ("7970", "7971"),
        replace(
            _OLD, picture=Size(298, 168), wide=Size(320, 168), strip=_STRIP_797, depth=12, is_touched=True
        ),
    ),
    **_models(
        ("7975",),
        replace(
            _OLD, picture=Size(298, 168), wide=Size(320, 168), strip=_STRIP_797, depth=16, is_touched=True
        ),
    ),
    **_models(("CIPC",), replace(_OLD, picture=Size(298, 168), strip=_STRIP_797, is_touched=True)),
    **_models(("7811", "7821", "7832", "7841", "7861"), PLAIN),
    **_models(("8811",), replace(_NEW, picture=Size(559, 265), strip=_STRIP_88, depth=4, is_colour=False)),
    **_models(
        ("8841", "8845", "8851", "8851NR", "8861", "8865", "8865NR"),
        replace(_NEW, picture=Size(559, 265), strip=_STRIP_88),
    ),
    **_models(("8941", "8945", "8961", "9951"), replace(_NEW, picture=Size(498, 289))),
    **_models(("9971",), replace(_NEW, picture=Size(498, 289), is_touched=True)),
}
"""By the number, or CIPC for IP Communicator."""

_NUMBER = re.compile(r"(\d{4})(NR)?")
_DISPLAY = re.compile(r"\s*(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*(\d{1,2})\s*,\s*([CG])\s*\Z")
_LEAST = Size(40, 20)
_MOST = Size(1920, 1200)


def model_of(name: str, display: str = "") -> Model:
    """The model by a text such as ``CP-8845``, ``Cisco 7975G``, ``IP Communicator``.

    ``display`` is what a phone has said of it (X-CiscoIPPhoneDisplay: ``298, 168, 12, C``); it goes before the table.
    Both come from outside: it never fails.
    """
    return _with_display(_by_name(name[:100]), display[:100])


@lru_cache(maxsize=64)
def _by_name(name: str) -> Model:
    if "communicator" in name.casefold() or "CIPC" in name.upper():
        return MODELS["CIPC"]
    found = _NUMBER.search(name.upper())
    if found is None:
        return PLAIN
    number, without_radio = found.group(1), found.group(2) or ""
    return MODELS.get(number + without_radio) or MODELS.get(number) or PLAIN


def _with_display(model: Model, display: str) -> Model:
    found = _DISPLAY.match(display)
    if found is None or model.picture is None:
        return model
    size = Size(int(found.group(1)), int(found.group(2)))
    if not (_LEAST.width <= size.width <= _MOST.width and _LEAST.height <= size.height <= _MOST.height):
        return model
    wide = model.wide if model.wide is not None and model.wide.height == size.height else None
    depth = int(found.group(3)) or model.depth
    return replace(model, picture=size, wide=wide, depth=min(depth, 24), is_colour=found.group(4) == "C")
