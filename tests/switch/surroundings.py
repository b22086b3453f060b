"""What a switch on the bench has around it in place of files, threads and the database."""

from collections.abc import Callable
from functools import cache
from typing import Any

from magroup.model.lines import Registration
from magroup.rtp.sound import make_sound


async def at_once(work: Callable[[], Any]) -> Any:
    """A thread that takes no time."""
    return work()


class MemoryStore:
    """Registrations as the store would keep them."""

    def __init__(self) -> None:
        self.registrations: dict[tuple[str, str], Registration] = {}

    def save_registration(self, registration: Registration) -> None:
        self.registrations[registration.number, registration.contact] = registration

    def remove_registration(self, number: str, contact: str) -> None:
        self.registrations.pop((number, contact), None)


@cache
def _quiet(name: str) -> Any:
    import numpy

    return make_sound(name, numpy.zeros(8000, numpy.float32), 8000)


class FakeLibrary:
    """Two short sounds in memory."""

    def __init__(self) -> None:
        self.sounds = {name.lower(): _quiet(name) for name in ("Welcome.wav", "Waiting1.wav")}

    def get(self, name: str) -> Any:
        return self.sounds.get(name.lower())
