"""Where a page finds the pictures of people, and tones."""

from urllib.parse import quote


def picture_url(name: str) -> str:
    """Where a page finds the picture of a user or contact; "" for none."""
    return f"/pictures/{quote(name, safe='')}" if name else ""


def tone_url(name: str) -> str:
    """Where a page finds a tone of a group; "" for none."""
    return f"/tones/{quote(name, safe='')}" if name else ""
