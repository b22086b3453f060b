"""As much of a new INVITE as its refusal takes: a third of the work of reading it (RFC 3261 section 8.2.6)."""

import re
from typing import Final

from magroup.sip.message import Request, canonical_name

COPIED: Final = frozenset(("Via", "From", "To", "Call-ID", "CSeq"))
_HEAD_END: Final = b"\r\n\r\n"
_ODD: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n")
TOLD: Final = frozenset(("Replaces", "Authorization", "Proxy-Authorization"))
"""With one of these it is no quite new one."""


def glance(data: bytes) -> Request | None:
    """An INVITE outside of dialogs with the headers that its answer needs, of which nothing is checked.

    None where it is something else, or takes a closer look.
    """
    if not data.startswith(b"INVITE "):
        return None
    head = data[: data.find(_HEAD_END)]
    if _ODD.search(head):
        return None
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = canonical_name(name)
        if not colon or not name:
            # Folded, or nothing.
            return None
        if name in COPIED:
            if name == "Via":
                headers.setdefault(name, []).append(value.strip(" \t"))
            elif name in headers:
                return None
            else:
                headers[name] = [value.strip(" \t")]
        elif name in TOLD:
            return None
    if len(headers) < len(COPIED) or "tag" in headers["To"][0].lower():
        return None
    return Request("INVITE", "", headers)
