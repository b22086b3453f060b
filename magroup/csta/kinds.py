"""What may stand in an element: how each kind of value is read from it, and written into it."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from lxml import etree

from magroup.csta.edition import Edition
from magroup.csta.errors import CATEGORIES, INVALID_PARAMETER, OUT_OF_RANGE, UNSPECIFIED, CstaError, ErrorValue
from magroup.csta.values import ConnectionID, DeviceId, Subject

LONGEST_TEXT = 2000
LONGEST_NUMBER = 10
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TO_ESCAPE = re.compile("[^0-9A-Za-z .:/+_-]")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_names: dict[str, str] = {}
_MOST_NAMES = 5000

Element: TypeAlias = etree._Element
Read = Callable[[Element], Any]
Write = Callable[[str, Any, Edition], str]


def local_name(element: Element) -> str:
    """The element's name without namespace or prefix; "" for what is no element."""
    tag = element.tag
    found = _names.get(tag)
    if found is None:
        found = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        if len(_names) < _MOST_NAMES:
            _names[tag] = found
    return found


def children(element: Element, name: str) -> list[Element]:
    return [child for child in element if local_name(child) == name]


def escaped(text: str) -> str:
    """Text as it stands in an element or an attribute; U+FFFD for what XML cannot hold."""
    if _TO_ESCAPE.search(text) is None:
        return text
    text = _NOT_IN_XML.sub("\ufffd", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


def read_text(element: Element) -> str:
    """Raises CstaError for what is longer than any identifier, number or word may be."""
    text = (element.text or "").strip()
    if len(text) > LONGEST_TEXT:
        raise CstaError(OUT_OF_RANGE, f"{local_name(element)} is too long")
    return text


def read_literal(element: Element) -> str:
    """As ``read_text``, with blanks where there are any."""
    text = element.text or ""
    if len(text) > LONGEST_TEXT:
        raise CstaError(OUT_OF_RANGE, f"{local_name(element)} is too long")
    return text


def write_text(name: str, value: str, edition: Edition) -> str:
    return f"<{name}>{escaped(value)}</{name}>"


def read_flag(element: Element) -> bool:
    found = _BOOLEANS.get(read_text(element).lower())
    if found is None:
        raise CstaError(INVALID_PARAMETER, f"{local_name(element)} is neither true nor false")
    return found


def write_flag(name: str, value: bool, edition: Edition) -> str:
    return f"<{name}>{'true' if value else 'false'}</{name}>"


def read_number(element: Element) -> int:
    text = read_text(element)
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise CstaError(INVALID_PARAMETER, f"{local_name(element)} is no number")
    return int(text)


def write_number(name: str, value: int, edition: Edition) -> str:
    return f"<{name}>{value}</{name}>"


def read_device(element: Element) -> DeviceId:
    """The text; some peers put it one element deeper (ed6: ``device``)."""
    for child in element:
        if local_name(child) in ("device", "deviceIdentifier", "deviceID"):
            element = child
            break
    return DeviceId(read_text(element), element.get("typeOfNumber", "")[:40])


def write_device(name: str, value: DeviceId, edition: Edition) -> str:
    kind = f' typeOfNumber="{escaped(value.type_of_number)}"' if value.type_of_number else ""
    return f"<{name}{kind}>{escaped(value.identifier)}</{name}>"


def write_destination(name: str, value: DeviceId, edition: Edition) -> str:
    """A single device to ed5, a list from ed6 on."""
    if edition < Edition.ED6:
        return write_device(name, value, edition)
    return f"<{name}>{write_device('device', value, edition)}</{name}>"


def read_connection(element: Element) -> ConnectionID:
    """By names: some peers write the device first."""
    call_id, device = "", None
    for child in element:
        name = local_name(child)
        if name == "callID" and not call_id:
            call_id = read_text(child)
        elif name == "deviceID" and device is None:
            device = read_device(child)
    if not call_id and device is None:
        raise CstaError(INVALID_PARAMETER, f"{local_name(element)} names neither a call nor a device")
    return ConnectionID(call_id, device)


def write_connection(name: str, value: ConnectionID, edition: Edition) -> str:
    call = f"<callID>{escaped(value.call_id)}</callID>" if value.call_id else ""
    device = write_device("deviceID", value.device, edition) if value.device is not None else ""
    return f"<{name}>{call}{device}</{name}>"


def read_subject(element: Element) -> Subject:
    for child in element:
        name = local_name(child)
        if name in ("deviceIdentifier", "numberDialed"):
            return Subject(read_device(child))
        if name:
            return Subject(status=name[:40])
    text = read_text(element)
    return Subject(DeviceId(text, element.get("typeOfNumber", "")[:40])) if text else Subject(status="notKnown")


def write_subject(name: str, value: Subject, edition: Edition) -> str:
    return _subject(name, "deviceIdentifier", value, edition)


def write_redirection(name: str, value: Subject, edition: Edition) -> str:
    return _subject(name, "numberDialed", value, edition)


def _subject(name: str, inner: str, value: Subject, edition: Edition) -> str:
    if value.device is None:
        return f"<{name}><{word(value.status)}/></{name}>"
    return f"<{name}>{write_device(inner, value.device, edition)}</{name}>"


def word(text: str) -> str:
    """A name of the standard that stands as an element; ``notKnown`` for what can be none."""
    return text if text.isascii() and text.isalnum() and text[:1].isalpha() else "notKnown"


def read_error(element: Element) -> ErrorValue:
    for child in element:
        name = local_name(child)
        if name in CATEGORIES:
            return ErrorValue(name, read_text(child))
        if name in ("systemResourceAvailability", "subscribedResourceAvailibility"):
            # The standard spells one of the two wrong; peers spell either both ways.
            return ErrorValue(CATEGORIES[3 if name.startswith("system") else 4], read_text(child))
    return ErrorValue(UNSPECIFIED, read_text(element))


def write_error(name: str, value: ErrorValue, edition: Edition) -> str:
    return f"<{name}>{error_element(value)}</{name}>"


def write_bare_error(name: str, value: ErrorValue, edition: Edition) -> str:
    return error_element(value)


def error_element(value: ErrorValue) -> str:
    category = value.category if value.category in CATEGORIES else UNSPECIFIED
    return f"<{category}>{escaped(value.value)}</{category}>" if value.value else f"<{category}/>"


def read_words(element: Element) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Groups of names that are true, such as the services in a list of features."""
    return tuple((local_name(group), _true(group)) for group in element if local_name(group))


def _true(group: Iterable[Element]) -> tuple[str, ...]:
    """An empty element counts as true: that it is there says it."""
    return tuple(local_name(one) for one in group if _BOOLEANS.get((one.text or "true").strip().lower(), True))


def write_words(name: str, value: tuple[tuple[str, tuple[str, ...]], ...], edition: Edition) -> str:
    groups = (
        f"<{word(group)}>{''.join(f'<{word(one)}>true</{word(one)}>' for one in names)}</{word(group)}>"
        for group, names in value
    )
    return f"<{name}>{''.join(groups)}</{name}>"


def read_raw(element: Element) -> str:
    """The element as text, whatever is in it."""
    made: str = etree.tostring(element, encoding="unicode", with_tail=False)
    return made


def write_raw(name: str, value: str, edition: Edition) -> str:
    return value
