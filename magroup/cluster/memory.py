"""The bus and the leases of nodes in one process: for tests, and as the measure of the one on Redis."""

from collections import deque

from magroup.cluster.bus import MOST_WAITING, BusDown
from magroup.cluster.memory_calls import MemoryCalls
from magroup.cluster.post import Post
from magroup.model.clock import Clock


class Hub:
    """What the ends of all nodes hang on; ``cut`` and ``mend`` it as a test likes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.is_cut = False
        self.leases: dict[str, tuple[str, float]] = {}
        self.ends: list[MemoryBus] = []
        self.kept: dict[str, dict[str, bytes]] = {}
        self.owners: dict[str, str] = {}

    def carry(self, data: bytes) -> None:
        """To all, the sender too."""
        for end in self.ends:
            end.arrive(data)

    def cut(self) -> None:
        """All are alone from now on; what is on its way is lost."""
        self.is_cut = True
        for end in self.ends:
            end.lose()

    def mend(self) -> None:
        self.is_cut = False
        for end in self.ends:
            end.find()


class MemoryBus(Post):
    """One node's end. Messages come with the clock's next turn."""

    def __init__(self, hub: Hub, node: str, life: str, owner: str = "") -> None:
        super().__init__(hub.clock, node, life)
        self._hub = hub
        self._owner = owner or f"{node} {life}"
        self.kept = MemoryCalls(hub.kept, hub.owners, f"{node}.{life}", self._checked)
        self._waiting: deque[bytes] = deque()
        self._is_due = False

    def start(self) -> None:
        self._hub.ends.append(self)
        if not self._hub.is_cut:
            self.find()

    async def stop(self) -> None:
        if self in self._hub.ends:
            self._say_goodbye()
            self._hub.ends.remove(self)
            self.lose()

    def find(self) -> None:
        """The hub is there."""
        if not self.is_up:
            self._came_up()

    def lose(self) -> None:
        """The hub is not there."""
        self._waiting.clear()
        if self.is_up:
            self._went_down()

    def arrive(self, data: bytes) -> None:
        """A message; one too many is lost."""
        if self.is_up and len(self._waiting) < MOST_WAITING:
            self._waiting.append(data)
            if not self._is_due:
                self._is_due = True
                self._clock.callLater(0, self._hand_all)

    async def take(self, name: str, seconds: float) -> bool:
        now = self._checked()
        owner, until = self._hub.leases.get(name, ("", 0.0))
        if owner not in ("", self._owner) and until > now:
            return False
        self._hub.leases[name] = self._owner, now + seconds
        return True

    async def leave(self, name: str) -> None:
        self._checked()
        if self._hub.leases.get(name, ("", 0.0))[0] == self._owner:
            del self._hub.leases[name]

    def _checked(self) -> float:
        if not self.is_up:
            raise BusDown("the hub is cut")
        return self._clock.seconds()

    def _carry(self, data: bytes) -> bool:
        self._hub.carry(data)
        return True

    def _hand_all(self) -> None:
        self._is_due = False
        for _ in range(len(self._waiting)):
            if self._waiting:
                self._take(self._waiting.popleft())
