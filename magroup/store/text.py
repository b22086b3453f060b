"""Text from the network as databases take it."""


def storable(text: str) -> str:
    """``text`` without what UTF-8 or PostgreSQL cannot hold: lone surrogates become ``?``, NUL goes."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "")
