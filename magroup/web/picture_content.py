"""The kinds of pictures that are shown."""

LARGEST = 1 << 20
"""Bytes of a picture that is shown."""

_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", b"image/png"), (b"\xff\xd8\xff", b"image/jpeg"))


def kind_of(content: bytes) -> bytes | None:
    """The Content-Type of a picture, told by how it begins; None for anything that is not shown."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    return b"image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None
