"""The tones that phones can play: files that they load from their TFTP server."""

from functools import cache

from magroup.resources import sound
from magroup.web.phone.visit import Visit


def tones(visit: Visit) -> tuple[str, ...]:
    """The names to choose from."""
    return _shipped()


@cache
def _shipped() -> tuple[str, ...]:
    return tuple(sorted((file.name for file in sound("phone").glob("*.raw")), key=str.casefold))
