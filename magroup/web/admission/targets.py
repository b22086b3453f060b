"""Where a browser may be sent after a login: paths of this site, whatever trick the address is written with."""

import re
from urllib.parse import quote, unquote_to_bytes

LONGEST = 2000
_TRIPLET = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_BACK_TO = ("/logonpage.asp", "/logout")


def local_target(text: str) -> str | None:
    """``text`` as a URL reference to a path of this site, fit for a Location field; None where it is none.

    Refused is also what becomes one of another site when it is decoded once more on the way.
    """
    if len(text) > LONGEST or not _is_local(text) or _TRIPLET.search(text):
        return None
    once = unquote_to_bytes(text)
    for decoded in (once, unquote_to_bytes(once)):
        try:
            if not _is_local(decoded.decode()):
                return None
        except UnicodeDecodeError:
            return None
    if once.decode().partition("?")[0].lower().rstrip("/") in _NOT_BACK_TO:
        return None
    return quote(text.partition("#")[0], safe="/?&=%+,;:@!$'()*~")


def _is_local(text: str) -> bool:
    path = text.partition("?")[0].partition("#")[0]
    return (
        text.startswith("/")
        and "//" not in path
        and "\\" not in text
        and text.isprintable()
        and not {".", ".."} & set(path.split("/"))
    )
