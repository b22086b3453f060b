"""What we tell beside the standard, in a namespace of our own: the switch's own words for why something failed."""

import re
from html import unescape

from magroup.csta.kinds import escaped

NAMESPACE = "urn:magroup:csta"
LONGEST = 200
_DETAIL = re.compile(r"<(?:\w+:)?detail\b[^<>]*>([^<>]*)</")


def extensions_of(detail: str) -> str:
    """The vendor's part of an event; "" where there is nothing to say."""
    if not detail:
        return ""
    inside = f'<detail xmlns="{NAMESPACE}">{escaped(detail[:LONGEST])}</detail>'
    return f"<extensions><privateData><private>{inside}</private></privateData></extensions>"


def detail_in(extensions: str) -> str:
    """The detail, if the peer is one of us."""
    if NAMESPACE not in extensions:
        return ""
    found = _DETAIL.search(extensions)
    return unescape(found[1])[:LONGEST] if found else ""
