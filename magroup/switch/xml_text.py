"""Text as XML can hold it: names come from anywhere, and XML knows no control characters (XML 1.0 section 2.2)."""

import re

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """``text`` with U+FFFD for what XML cannot hold; lxml escapes the rest."""
    return _NOT_IN_XML.sub("\ufffd", text)
