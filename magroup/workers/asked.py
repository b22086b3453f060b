"""What each worker tells the first one, which shows it: how it stands, what it holds, the messages of its calls."""

import os
from collections.abc import Awaitable, Callable, Sequence
from time import process_time
from typing import Any, Final

import msgspec
from prometheus_client import CollectorRegistry

from magroup.cluster.asking import Asking
from magroup.model.calls import NO_STORY, Reason, Story
from magroup.model.clock import Clock, utc
from magroup.model.lines import Registration
from magroup.model.standing import Held, Layer, Registered, StreamStanding, WorkerStanding
from magroup.model.trace import CallTrace, SipMessage
from magroup.standing import Standing
from magroup.telephony import Telephony
from magroup.workers.figures import Form, forms

HOW, LEFT, STREAMS, HELD, TRUNKS, LAYERS, LAYER, UNLOCK, PHONES, TRACE, STORIES, FIGURES = (
    "worker", "worker calls left", "worker streams", "worker holds off", "worker trunks", "worker layers",
    "worker layer", "worker unlock", "worker phones", "worker trace", "worker stories", "worker figures",
)  # fmt: skip
"""Names of the services."""

LONGEST_LINE: Final = 300
TRACE_PIECE: Final = 300_000
"""Octets of messages in one answer."""

_STATM: Final = "/proc/self/statm"
_ids = msgspec.json.Decoder(list[str])
_keys = msgspec.json.Decoder(list[tuple[str, str]])


class Asked:
    """``reasons`` says why this worker is not ready, ``handed`` how many datagrams it gave to others, ``story`` what
    a call is about; ``figures`` has the metrics that each worker has.
    """

    def __init__(
        self, number: int, clock: Clock, telephony: Telephony, standing: Standing, handed: Callable[[], int],
        reasons: Callable[[], Sequence[str]], story: Callable[[str], Story], figures: CollectorRegistry,
        in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
    ) -> None:  # fmt: skip
        self._number = number
        self._clock = clock
        self._telephony = telephony
        self._standing = standing
        self._handed = handed
        self._reasons = reasons
        self._story = story
        self.figures = figures
        self._in_thread = in_thread
        self._since = utc(clock)

    def serve(self, asking: Asking) -> None:
        for name, service in (
            (HOW, self._how), (LEFT, self._left), (STREAMS, self._streams), (HELD, self._held),
            (TRUNKS, self._trunks), (LAYERS, self._layers), (LAYER, self._layer), (UNLOCK, self._unlock),
            (PHONES, self._phones), (TRACE, self._trace), (STORIES, self._stories), (FIGURES, self._figures),
        ):  # fmt: skip
            asking.serve(name, service)

    def how(self) -> WorkerStanding:
        telephony = self._telephony
        return WorkerStanding(
            self._number, os.getpid(), self._since, process_time(), resident(), len(telephony.switch.calls_by_id),
            telephony.media.active, telephony.ports.in_use, telephony.ports.all,
            len(telephony.bindings) - len(telephony.registrar.elsewhere), self._handed(), tuple(self._reasons()),
        )  # fmt: skip

    def held(self) -> Held:
        standing = self._standing
        dropped = {ban.place: ban.dropped for ban in standing.bans() if ban.dropped}
        return Held(standing.defence(), standing.strain(), standing.locked(), dropped)

    async def _how(self) -> WorkerStanding:
        return self.how()

    async def _left(self) -> tuple[bool, int]:
        """Whether it drains, and how many calls it has."""
        switch = self._telephony.switch
        return switch.is_draining, len(switch.calls_by_id)

    async def _streams(self, most: str) -> list[StreamStanding]:
        return self._standing.streams(int(most))

    async def _held(self) -> Held:
        return self.held()

    async def _trunks(self) -> list[tuple[int, int]]:
        """The id of each trunk that has calls here, and how many."""
        return [(one.trunk.id, one.calls) for one in self._standing.trunks() if one.calls]

    async def _layers(self) -> list[Layer]:
        return self._standing.layers()

    async def _layer(self, name: str, most: str) -> Layer | None:
        layer = self._standing.layer(name, int(most))
        if layer is None:
            return None
        lines = tuple(line[:LONGEST_LINE] for line in layer.lines)
        return Layer(layer.name, layer.title, layer.count, lines)

    async def _unlock(self, line: str) -> bool:
        return self._standing.unlock(line)

    async def _phones(self, keys: str) -> list[Registered]:
        """Of those that have registered here, by number and contact."""
        found = [self._registration(number, contact) for number, contact in _keys.decode(keys)]
        return [self._standing.registered(one) for one in found if one is not None]

    def _registration(self, number: str, contact: str) -> Registration | None:
        if (number, contact) in self._telephony.registrar.elsewhere:
            return None
        contacts = self._telephony.bindings.contacts(number)
        return next((one for one in contacts if one.contact == contact), None)

    async def _stories(self, call_ids: str) -> list[tuple[str, int, tuple[Reason, ...]]]:
        """Of those that are here. Where it is compiled a Story does not tell msgspec what its trail consists of."""
        found = [(call_id, self._story(call_id)) for call_id in _ids.decode(call_ids)]
        return [(call_id, story.group_id, story.trail) for call_id, story in found if story != NO_STORY]

    async def _figures(self) -> list[Form]:
        return forms(self.figures)

    async def _trace(self, call_id: str, first: str) -> tuple[CallTrace, int] | None:
        """Messages from that place on, as many as fit, and how many there are; None where nothing is kept."""
        read = self._telephony.traces.find(call_id)
        if read is None:
            return None
        trace: CallTrace = await self._in_thread(read)
        messages: list[SipMessage] = []
        size = 0
        for message in trace.messages[int(first) :]:
            size += len(message.data)
            if messages and size > TRACE_PIECE:
                break
            messages.append(message)
        return CallTrace(trace.legs, tuple(messages), trace.lost), len(trace.messages)


def resident() -> int:
    """The memory of this process in octets; 0 where the system does not say."""
    try:
        with open(_STATM, encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
