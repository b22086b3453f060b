"""As much of a new INVITE as its refusal takes: a fraction of the work of reading it (RFC 3261 section 8.2.6)."""

from typing import Final

from magroup.sip.message import Request

COPIED: Final = (
    ("Via", b"\r\nVia: "), ("From", b"\r\nFrom: "), ("To", b"\r\nTo: "), ("Call-ID", b"\r\nCall-ID: "),
    ("CSeq", b"\r\nCSeq: "),
)  # fmt: skip
_HEAD_END: Final = b"\r\n\r\n"
_LINE_END: Final = b"\r\n"
_PLAIN: Final = bytes(code for code in range(256) if (code >= 0x20 and code != 0x7F) or code == 9)


def glance(data: bytes) -> Request | None:
    """An INVITE outside of dialogs with the headers that its answer needs, of which nothing is checked.

    None where it is something else, belongs to a call or was challenged, or takes a closer look: other spellings of
    the headers, or several Via.
    """
    if not data.startswith(b"INVITE "):
        return None
    head = data[: data.find(_HEAD_END) + 2]
    line_ends = head.translate(None, _PLAIN)
    if line_ends != _LINE_END * (len(line_ends) // 2) or b"\r\n " in head or b"\r\n\t" in head:
        # Control characters, and lines that are folded.
        return None
    if b"\r\nReplaces" in head or b"uthorization:" in head:
        return None
    headers: dict[str, list[str]] = {}
    for name, begins in COPIED:
        start = head.find(begins)
        if start < 0:
            return None
        start += len(begins)
        headers[name] = [head[start : head.find(_LINE_END, start)].decode("utf-8", "surrogateescape").strip()]
    if "tag" in headers["To"][0].lower() or head.count(b"\r\nVia:") > 1:
        return None
    return Request("INVITE", "", headers)
