"""Who calls, as another switch says it (RFC 3325, RFC 3323; Remote-Party-ID for older ones)."""

import re
from typing import Final

from magroup.sip.headers import parse_address
from magroup.sip.message import Request
from magroup.sip.uri import Uri

_SEPARATORS: Final = re.compile(r"[-.()]")
_WITHHELD: Final = frozenset(("id", "user", "header"))
_ANONYMOUS: Final = ("anonymous", "unavailable")


def outside_caller(request: Request) -> tuple[str, str]:
    """Number and name; "" for both when they are withheld. Raises GrammarError for an identity that is none."""
    identity = request.from_
    for name in () if _is_private(request) else ("P-Asserted-Identity", "Remote-Party-ID"):
        stated = [parse_address(value) for value in request.items(name)]
        usable = [address for address in stated if address.params.get("privacy", "off") in ("off", "no")]
        found = next((address for address in usable if number_of(address.uri)), None)
        if found is not None:
            identity = found
            break
    number = number_of(identity.uri)
    if number.lower() in _ANONYMOUS or identity.uri.host == "anonymous.invalid":
        return "", ""
    return number, identity.name


def number_of(uri: Uri) -> str:
    """The number in a SIP or tel URI (RFC 3966 without its visual separators); "" in any other."""
    if uri.is_sip:
        return uri.number
    return _SEPARATORS.sub("", uri.host.partition(";")[0]) if uri.scheme == "tel" else ""


def _is_private(request: Request) -> bool:
    """Whether the identity is only for switches; what From says is for everybody."""
    if "Privacy" not in request.headers:
        return False
    wishes = {item.strip().lower() for value in request.headers["Privacy"] for item in re.split("[;,]", value)}
    return not wishes.isdisjoint(_WITHHELD)
