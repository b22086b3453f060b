"""What all nodes know alike, thing by thing: who has changed it last is right, and gaps are filled by asking."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from twisted.logger import Logger

from magroup.cluster.bus import Bus
from magroup.cluster.wire import read, written
from magroup.model.clock import Clock, utc
from magroup.model.fixed import fixed

TOPIC = "state"
ASK_TOPIC = "state?"
AT_ONCE = 100
PAUSE = 0.02
"""Seconds between two messages of many that tell everything."""

FORGET_AFTER = 3600.0
"""Seconds for which it is known that something is gone."""

Apply = Callable[[str, Any, str], None]
"""Takes the key, the value (None: it is gone) and the node that has said so."""


@fixed
class Entry:
    """A thing as it is known: since when (UTC seconds), by whom, and what it is."""

    at: float
    node: str
    value: Any


class Shared:
    """Each part of the server says by ``kind`` how it takes what others tell, and by ``put`` what is new here."""

    log = Logger()

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._apply: dict[str, Apply] = {}
        self._known: dict[tuple[str, str], Entry] = {}
        self._telling: Iterator[tuple[tuple[str, str], Entry]] | None = None
        bus.listen(TOPIC, self._heard)
        bus.listen(ASK_TOPIC, self._asked)
        bus.watch(lambda node: None, lambda node: None, self._missed)

    def __len__(self) -> int:
        """How many things are known."""
        return len(self._known)

    def kind(self, name: str, apply: Apply) -> None:
        """Things of this kind that others tell, and have told already, are taken by ``apply``."""
        self._apply[name] = apply
        for (kind, key), entry in tuple(self._known.items()):
            if kind == name and entry.node != self._bus.node:
                self._take(kind, key, entry)

    def put(self, kind: str, key: str, value: Any) -> None:
        """It is so from now on, and all are to know; None: it is not there any more."""
        at = utc(self._clock)
        before = self._known.get((kind, key))
        if before is not None and before.at >= at:
            at = before.at + 1e-6
        self._known[kind, key] = Entry(at, self._bus.node, value)
        self._bus.send(TOPIC, written([[kind, key, at, value]]))

    def forget(self, kind: str, key: str) -> None:
        """Nobody needs to know any more; what another node says is forgotten here only."""
        self._known.pop((kind, key), None)

    def has(self, kind: str, key: str) -> bool:
        """Whether it is there, as far as is known."""
        entry = self._known.get((kind, key))
        return entry is not None and entry.value is not None

    def of(self, kind: str, node: str) -> list[str]:
        """The keys of what another node has said last."""
        return [
            key for (one, key), entry in self._known.items()
            if one == kind and entry.node == node and entry.value is not None
        ]  # fmt: skip

    # what comes

    def _heard(self, node: str, body: bytes) -> None:
        for kind, key, at, value in read(body, list[tuple[str, str, float, Any]]):
            known = self._known.get((kind, key))
            if known is not None and (known.at, known.node) >= (at, node):
                continue
            entry = self._known[kind, key] = Entry(at, node, value)
            self._take(kind, key, entry)

    def _take(self, kind: str, key: str, entry: Entry) -> None:
        apply = self._apply.get(kind)
        if apply is None:
            return
        try:
            apply(key, entry.value, entry.node)
        except Exception:
            self.log.failure("What node {node} says of {kind} {key} cannot be taken",
                             node=entry.node, kind=kind, key=key)  # fmt: skip

    # filling gaps

    def _missed(self, node: str) -> None:
        """Ask for everything. Where it is from all of them, they may have missed what was said here as well."""
        self._bus.send(ASK_TOPIC, node.encode())
        if not node:
            self._tell_all()

    def _asked(self, node: str, body: bytes) -> None:
        if body in (b"", self._bus.node.encode()):
            self._tell_all()

    def _tell_all(self) -> None:
        """Everything that this node has said last, in pieces."""
        self._purge()
        is_telling = self._telling is not None
        own = [(key, entry) for key, entry in self._known.items() if entry.node == self._bus.node]
        self._telling = iter(own)
        if not is_telling:
            self._tell_some()

    def _tell_some(self) -> None:
        some = list(islice(self._telling or (), AT_ONCE))
        if not some:
            self._telling = None
            return
        self._bus.send(TOPIC, written([[kind, key, entry.at, entry.value] for (kind, key), entry in some]))
        self._clock.callLater(PAUSE, self._tell_some)

    def _purge(self) -> None:
        until = utc(self._clock) - FORGET_AFTER
        gone = [key for key, entry in self._known.items() if entry.value is None and entry.at < until]
        for key in gone:
            del self._known[key]
