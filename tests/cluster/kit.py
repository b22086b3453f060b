"""Ends of a bus on a clock."""

from twisted.internet.task import Clock

from magroup.cluster.memory import Hub, MemoryBus


class Bench:
    """``a, b = Bench().ends("a", "b")``."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.advance(1_700_000_000.0)
        self.hub = Hub(self.clock)

    def ends(self, *nodes: str) -> list[MemoryBus]:
        """Not started yet."""
        return [MemoryBus(self.hub, node, f"first{node}") for node in nodes]

    def run(self, seconds: float = 0.5) -> None:
        for _ in range(int(seconds / 0.02)):
            self.clock.advance(0.02)
