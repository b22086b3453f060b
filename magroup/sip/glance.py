"""As much of a new INVITE as its refusal takes: a fraction of the work of reading it (RFC 3261 section 8.2.6)."""

from typing import Final

COPIED: Final = (b"\r\nVia: ", b"\r\nFrom: ", b"\r\nTo: ", b"\r\nCall-ID: ", b"\r\nCSeq: ")
_CALL_ID: Final = b"\r\nCall-ID: "
_HEAD_END: Final = b"\r\n\r\n"
_LINE_END: Final = b"\r\n"
_PLAIN: Final = bytes(code for code in range(256) if (code >= 0x20 and code != 0x7F) or code == 9)


def call_id_of(data: bytes) -> bytes:
    """Of a message that has it in the usual spelling; b"" of others."""
    start = data.find(_CALL_ID)
    if start < 0:
        return b""
    start += len(_CALL_ID)
    return data[start : max(start, data.find(_LINE_END, start))].strip()


def glance(data: bytes) -> list[bytes] | None:
    """The values of ``COPIED`` that the answer to an INVITE outside of dialogs needs, of which nothing is checked.

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
    if b"\r\nReplaces" in head or b"uthorization:" in head or head.count(b"\r\nVia:") > 1:
        return None
    values = []
    for begins in COPIED:
        start = head.find(begins)
        if start < 0:
            return None
        start += len(begins)
        values.append(head[start : head.find(_LINE_END, start)].strip())
    return None if b"tag" in values[2].lower() else values
