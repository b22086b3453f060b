"""What every bus does: messages are numbered, gaps are noticed, nodes that say nothing any more are gone."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.logger import Logger, LogLevel

from magroup.cluster.bus import BEAT, GONE_AFTER, LATE, LONGEST_BODY, SETTLES, Listener
from magroup.model.clock import Clock, DelayedCall

MOST_NODES = 64
_LONGEST_HEAD = 128
_NODE = re.compile("[a-z0-9]{1,16}")
_BEAT_TOPIC = "beat"
_GOODBYE_TOPIC = "goodbye"


@dataclass
class _Heard:
    """What is known of another node: its present life, the number of its last message, when that came."""

    life: str
    number: int
    at: float


class Post(ABC):
    """Implements ``Bus`` but for the carrying. ``life`` is another one for each start of a node."""

    log = Logger()
    beat, gone_after, settles = BEAT, GONE_AFTER, SETTLES
    knows_ends = False
    """Whether a node that has left is dead, not only silent."""

    def __init__(self, clock: Clock, node: str, life: str) -> None:
        self.node = node
        self.is_up = False
        self.nodes: frozenset[str] = frozenset()
        self.lost = 0
        """How many messages of this node went nowhere."""
        self.overslept: list[Callable[[], None]] = []
        """Told when this node has stood still for so long that others took it for dead, before it does much else."""
        self._clock = clock
        self._life = life
        self._number = 0
        self._listeners: dict[str, list[Listener]] = {}
        self._joined: list[Callable[[str], None]] = []
        self._left: list[Callable[[str], None]] = []
        self._missed: list[Callable[[str], None]] = []
        self._heard: dict[str, _Heard] = {}
        self._lives: dict[str, str] = {}
        self._timer: DelayedCall | None = None
        self._has_namesake = False
        self._has_rubbish = False
        self._echoed_at = 0.0
        self._beat_at = 0.0

    @abstractmethod
    def _carry(self, data: bytes) -> bool:
        """Send it on its way; False where that is not possible."""

    def life(self, node: str) -> str:
        return self._lives.get(node, "")

    def listen(self, topic: str, listener: Listener) -> None:
        self._listeners.setdefault(topic, []).append(listener)

    def watch(self, joined: Callable[[str], None], left: Callable[[str], None], missed: Callable[[str], None]) -> None:
        self._joined.append(joined)
        self._left.append(left)
        self._missed.append(missed)

    def send(self, topic: str, body: bytes) -> None:
        if len(body) > LONGEST_BODY:
            raise ValueError(f"a message of {len(body)} octets is too long for the bus")
        self._number += 1
        head = f"{self.node} {self._life} {self._number} {topic}\n".encode("ascii")
        if not self.is_up or not self._carry(head + body):
            self.lost += 1

    # life

    def _came_up(self) -> None:
        """Messages go and come from now on."""
        self.is_up = True
        self._beat_at = self._echoed_at = self._clock.seconds()
        self._beat()
        self._tell(self._missed, "")

    def _went_down(self) -> None:
        """Nobody hears anything any more, nor is heard: the others go on by themselves, and so does this one."""
        self.is_up = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for node in tuple(self._heard):
            self._gone(node, "is out of reach", LogLevel.info)

    def _beat(self) -> None:
        self._timer = self._clock.callLater(self.beat, self._beat)
        self.send(_BEAT_TOPIC, b"")
        now = self._clock.seconds()
        late, self._beat_at = now - self._beat_at - self.beat, now
        is_late = late > LATE - BEAT
        if late > self.gone_after - self.beat:
            for listener in self.overslept:
                listener()
        if is_late or now - self._echoed_at > self.beat + LATE - BEAT:
            # This node was busy, or the bus is slow: the own words do not come back either.
            for heard in self._heard.values():
                heard.at = max(heard.at, now - self.beat)
        for node, heard in tuple(self._heard.items()):
            if heard.at < now - self.gone_after:
                self._gone(node, "is not heard of any more", LogLevel.warn)

    def _say_goodbye(self) -> None:
        """The others need not wait until they notice."""
        self.send(_GOODBYE_TOPIC, b"")

    def _gone(self, node: str, why: str, level: Any) -> None:
        del self._heard[node]
        self.nodes = frozenset(self._heard)
        self.log.emit(level, "Node {node} {why}", node=node, why=why)
        self._tell(self._left, node)

    # what comes

    def _take(self, data: bytes) -> None:
        """A message from anybody, also the own ones. Whatever has no proper head is left out."""
        head, separator, body = data.partition(b"\n")
        words = head.decode("ascii", "replace").split(" ") if len(head) <= _LONGEST_HEAD else []
        if not separator or len(words) != 4 or not _NODE.fullmatch(words[0]) or not words[2].isdecimal():
            if not self._has_rubbish:
                self._has_rubbish = True
                self.log.warn("What is no message of a node came over the bus: left out")
            return
        node, life, number, topic = words
        if node == self.node:
            self._own(life)
        elif self._count(node, life, int(number)):
            self._hand(node, topic, body)

    def _own(self, life: str) -> None:
        """The bus brings back what this node sends: that shows that it works."""
        if life == self._life:
            self._echoed_at = self._clock.seconds()
        elif not self._has_namesake:
            self._has_namesake = True
            self.log.critical("Another node is called {node} too: give each its own name (cluster.node)",
                              node=self.node)  # fmt: skip

    def _count(self, node: str, life: str, number: int) -> bool:
        """Whether the message is a new one; whoever must know is told of a node that came, and of a gap before it."""
        known = self._heard.get(node)
        now = self._clock.seconds()
        if known is None:
            if len(self._heard) >= MOST_NODES:
                return False
            self._heard[node] = _Heard(life, number, now)
            self.nodes = frozenset(self._heard)
            self._lives[node] = life
            self.log.info("Node {node} is there", node=node)
            self._tell(self._joined, node)
            has_gap = number != 1
        elif known.life != life:
            self._tell(self._left, node)
            self._heard[node] = _Heard(life, number, now)
            self._lives[node] = life
            self.log.info("Node {node} has started anew", node=node)
            self._tell(self._joined, node)
            has_gap = number != 1
        elif number <= known.number:
            return False
        else:
            has_gap = number != known.number + 1
            known.number, known.at = number, now
        if has_gap:
            self._tell(self._missed, node)
        return True

    def _hand(self, node: str, topic: str, body: bytes) -> None:
        if topic == _GOODBYE_TOPIC:
            self._gone(node, "has stopped", LogLevel.info)
        for listener in self._listeners.get(topic, ()):
            try:
                listener(node, body)
            except Exception:
                self.log.failure("A message on {topic} from node {node} was not understood", topic=topic, node=node)

    def _tell(self, listeners: list[Callable[[str], None]], node: str) -> None:
        for listener in listeners:
            try:
                listener(node)
            except Exception:
                self.log.failure("A listener to the bus failed")
