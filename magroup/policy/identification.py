"""As whom a caller is shown on the phones that ring for a manager call (spec 1.3)."""

import re
from collections.abc import Mapping

from magroup.model.fixed import fixed
from magroup.model.groups import Group

_PLACEHOLDER = re.compile(r"%([A-Za-z]+)%")
_NO_KEY = re.compile(r"[^0-9*#]")


@fixed
class Identity:
    """A number and a name to be shown."""

    number: str
    name: str = ""


def identify(group: Group, manager_short_name: str, caller: Identity) -> Identity:
    """``caller`` through the group's masks, for assistants and overflow targets.

    A mask that is empty, or of which nothing is left, counts as not set: the number then serves as name, and with
    neither the caller is shown as received.
    """
    values = {
        "callerNumber": caller.number,
        "callerName": caller.name,
        "managerNumber": group.number,
        "managerShortName": manager_short_name,
    }
    number = _NO_KEY.sub("", _fill(group.caller_number, values))
    name = printable(_fill(group.caller_name, values)).strip()
    if not number and not name:
        return Identity(caller.number, printable(caller.name))
    return Identity(number or caller.number, name or number)


def printable(text: str) -> str:
    """``text`` without line breaks and other control characters."""
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def _fill(mask: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), mask)
