"""What is pushed: URLs and tones to execute, a line of text, the strip; each fits into 512 bytes of form."""

from urllib.parse import quote_plus
from xml.sax.saxutils import escape, quoteattr

from magroup.model.settings_rules import phone_tone

LARGEST_FORM = 512
"""Bytes that the old models take."""

_QUOTED = {code: quote_plus(bytes((code,)), safe="/:?") for code in range(256)}

LONGEST_URL = 256
LONGEST_TITLE = 32
WHEN_IDLE = 2
"""The priority of a URL that is shown only while nobody uses the phone."""

AT_ONCE = 0


def execute(url: str, priority: int = AT_ONCE) -> bytes:
    """Let the phone load a URL, or do one of its own (``Init:Services``). Raises ValueError: too long."""
    if not 0 < len(url) <= LONGEST_URL:
        raise ValueError(f"a URL for a phone has 1 to {LONGEST_URL} characters, not {len(url)}")
    item = f'<ExecuteItem Priority="{priority}" URL={quoteattr(url)}/>'
    return f"<CiscoIPPhoneExecute>{item}</CiscoIPPhoneExecute>".encode()


def is_tone(name: str) -> bool:
    """Whether it can be the name of a tone on the TFTP server of the phones."""
    try:
        phone_tone(name)
    except ValueError:
        return False
    return True


def play(tone: str) -> bytes:
    """Let the phone play a tone. Raises ValueError for what is no name of one."""
    if not is_tone(tone):
        raise ValueError(f"{tone!r} is no tone")
    return execute(f"Play:{tone}")


def strip(url: str) -> bytes:
    """The picture beside the calls, which people cannot close. Raises ValueError."""
    if not 0 < len(url) <= LONGEST_URL:
        raise ValueError(f"a URL for a phone has 1 to {LONGEST_URL} characters, not {len(url)}")
    return (
        f"<CiscoIPPhoneStatusFile><LocationX>-1</LocationX><LocationY>-1</LocationY><URL>{escape(url)}</URL>"
        "</CiscoIPPhoneStatusFile>"
    ).encode()


def text(title: str, words: str) -> bytes:
    """A message on the screen, cut to what fits."""
    head, body = _clean(title)[:LONGEST_TITLE], _clean(words)
    while True:
        document = (
            f"<CiscoIPPhoneText><Title>{escape(head)}</Title><Text>{escape(body)}</Text></CiscoIPPhoneText>"
        ).encode()
        over = len(form(document)) - LARGEST_FORM
        if over <= 0:
            return document
        # A character takes up to twelve bytes of a form.
        less = max(1, over // 12)
        head, body = (head, body[:-less]) if body else (head[:-less], "")


def form(document: bytes) -> bytes:
    """The body of the POST. Phones that are told no encoding take that of their user's language."""
    declared = document if document.isascii() else b'<?xml version="1.0" encoding="utf-8"?>' + document
    return b"XML=" + declared.decode("latin-1").translate(_QUOTED).encode()


def _clean(words: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
