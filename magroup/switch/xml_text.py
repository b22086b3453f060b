"""Text as XML can hold it: names come from anywhere, and XML knows no control characters (XML 1.0 section 2.2)."""

import re

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """``text`` with U+FFFD for what XML cannot hold; lxml escapes the rest."""
    return _NOT_IN_XML.sub("\ufffd", text)
