"""Models of Cisco IP phones as they present themselves, and what each takes (Development Notes, "Objects")."""

from dataclasses import dataclass, replace
from typing import NamedTuple


class Area(NamedTuple):
    """In pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class PhoneModel:
    """One model.

    ``display`` is what x-CiscoIPPhoneDisplay says, ``picture`` the area of an ImageFile, ``wide`` that with
    WindowMode="Wide", ``strip`` that of a StatusFile; None where the model has none. ``depth`` in bits a pixel.
    ``objects`` without "CiscoIPPhone"; ``schemes`` and ``keys``: the internal URIs, and the names after ``Key:``.
    ``largest_push`` in bytes of the form; ``posts_password``: how it asks the authentication URL.
    """

    name: str
    model_name: str
    display: str
    picture: Area | None
    wide: Area | None
    strip: Area | None
    depth: int
    is_grey: bool
    is_touched: bool
    objects: frozenset[str]
    schemes: frozenset[str]
    keys: frozenset[str]
    http_version: str
    sdk_version: str
    accept: str
    accept_language: str
    accept_charset: str
    user_agent: str
    largest_push: int
    posts_password: bool
    says_unauthorized: bool
    can_post: bool

    @property
    def headers(self) -> dict[str, str]:
        """What it sends with each request."""
        return {
            "x-CiscoIPPhoneModelName": self.model_name,
            "x-CiscoIPPhoneDisplay": self.display,
            "x-CiscoIPPhoneSDKVersion": self.sdk_version,
            "Accept": self.accept,
            "Accept-Language": self.accept_language,
            "Accept-Charset": self.accept_charset,
            "User-Agent": self.user_agent,
        }

    @property
    def charsets(self) -> frozenset[str]:
        """Those of Accept-Charset, in lower case."""
        return frozenset(part.partition(";")[0].strip().lower() for part in self.accept_charset.split(","))


_TEXTS = frozenset(
    ("Menu", "Text", "Input", "Directory", "IconMenu", "IconFileMenu", "Execute", "Response", "Error")
)  # fmt: skip
_PICTURES = frozenset(("Image", "ImageFile", "GraphicMenu", "GraphicFileMenu"))
_STATUS = frozenset(("Status", "StatusFile"))

_SCHEMES = frozenset(
    (
        "SoftKey", "Key", "Dial", "EditDial", "Play", "Init", "RTPRx", "RTPTx", "RTPMRx", "RTPMTx", "QueryStringParam",
        "UserData", "UserDataSoftKey", "UserCallData", "UserCallDataSoftKey", "Application", "Resource",
    )
)  # fmt: skip
_MORE_SCHEMES = _SCHEMES | {"Display", "Notify", "SendDigits", "App"}

_PAD = frozenset(f"KeyPad{key}" for key in (*range(10), "Star", "Pound"))
_SOFT = frozenset(f"Soft{number}" for number in range(1, 6))
_NAVIGATION = frozenset(f"Nav{way}" for way in ("Up", "Dwn", "Left", "Right", "Select"))
_ALWAYS = _PAD | _SOFT | _NAVIGATION | {"Headset", "Speaker", "Mute", "VolUp", "VolDwn", "Messages"}
_OLD_KEYS = _ALWAYS | {"Info", "Services", "Directories", "Settings", "AppMenu", "NavBack"}
_OLD_KEYS |= {f"Line{number}" for number in range(1, 35)}
_LINES = frozenset(f"{key}{number}" for key in ("Line", "Feature") for number in range(1, 121))
_FIXED = frozenset(("FixedFeature1", "FixedFeature2", "FixedFeature3"))
_NEW_KEYS = _ALWAYS | _LINES | _FIXED | {f"Session{number}" for number in range(1, 7)}
_NEW_KEYS |= {"Applications", "Contacts", "Directories", "KemPage", "Release", "Services", "Settings"}
_TALL_KEYS = _NEW_KEYS - {"Services", "Directories", "Settings"}

_OLD_LISTS = "x-CiscoIPPhone/*, text/*,image/png,*/*"
_NEW_LISTS = "x-CiscoIPPhone/*;version=3.3.3, text/xml, text/plain, image/png, */*"

_79 = PhoneModel(
    name="", model_name="", display="", picture=None, wide=None, strip=Area(252, 50), depth=16, is_grey=False,
    is_touched=False, objects=_TEXTS | _PICTURES | _STATUS, schemes=_MORE_SCHEMES, keys=_OLD_KEYS, http_version="1.0",
    sdk_version="8.5.1", accept=_OLD_LISTS, accept_language="en_US", accept_charset="iso-8859-1,utf-8;q=0.8",
    user_agent="Allegro-Software-WebClient/4.34", largest_push=512, posts_password=True, says_unauthorized=False,
    can_post=False,
)  # fmt: skip
_78 = replace(
    _79, strip=None, depth=1, is_grey=True, objects=_TEXTS, schemes=_SCHEMES, keys=_NEW_KEYS, http_version="1.1",
    sdk_version="9.1.1", accept=_NEW_LISTS, accept_language="en-US", accept_charset="utf-8,iso-8859-1;q=0.8",
    user_agent="Cisco-IP-Phone", largest_push=40 << 10, posts_password=False, says_unauthorized=True, can_post=True,
    display="396, 162, 1, G",
)  # fmt: skip
_88 = replace(
    _78, picture=Area(559, 265), strip=Area(414, 70), depth=24, is_grey=False,
    objects=_TEXTS | _PICTURES | _STATUS, schemes=_MORE_SCHEMES | {"Device"}, display="559, 265, 24, C",
)  # fmt: skip
_99 = replace(
    _88, picture=Area(498, 289), strip=None, objects=_TEXTS | _PICTURES, schemes=_MORE_SCHEMES, keys=_TALL_KEYS,
    sdk_version="8.5.1", can_post=False, display="498, 289, 24, C",
)  # fmt: skip


def _old(name: str, height: int, depth: int, **more: object) -> PhoneModel:
    made = replace(
        _79, name=name, model_name=f"CP-{name}G", picture=Area(298, height), wide=Area(320, height), depth=depth,
        display=f"298, {height}, {depth}, C",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def _new(like: PhoneModel, *names: str) -> list[PhoneModel]:
    return [replace(like, name=name, model_name=f"CP-{name}") for name in names]


_TOUCHED_79 = {"is_touched": True, "strip": Area(262, 50)}

MODELS: dict[str, PhoneModel] = {
    model.name: model
    for model in (
        _old("7942", 144, 4, is_grey=True, display="298,144,3,G"),
        _old("7962", 144, 4, is_grey=True, display="298,144,3,G"),
        _old("7945", 156, 16),
        _old("7965", 156, 16),
        _old("7970", 168, 12, **_TOUCHED_79),
        _old("7975", 168, 16, **_TOUCHED_79),
        *_new(_78, "7811", "7821", "7841", "7861"),
        *_new(replace(_88, depth=4, is_grey=True, display="559, 265, 4, G"), "8811"),
        *_new(_88, "8841", "8845", "8851", "8861", "8865"),
        *_new(_99, "8961", "9951"),
        *_new(replace(_99, is_touched=True), "9971"),
    )
}
"""By the number."""
