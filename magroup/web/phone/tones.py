"""The tones that phones can play: files that they load from their TFTP server."""

from magroup.web.phone.visit import Visit


def tones(visit: Visit) -> tuple[str, ...]:
    """The names to choose from, as the setting ``phones.tones`` has them."""
    return visit.parts.settings().phones.tones
