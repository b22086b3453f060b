"""Keeps what workers tell: all in all, and over time in at most 600 points."""

from magroup.load.limits import statistic_of
from magroup.load.measures import Delta, Measures
from magroup.load.messages import Progress
from magroup.load.result import MOST_POINTS, Point
from magroup.load.server_usage import Usage


class Recording:
    """``seconds`` is how long it may take at most, which says how far points are apart."""

    def __init__(self, workers: int, seconds: float) -> None:
        self.interval = max(1.0, seconds / MOST_POINTS)
        self.measures = Measures()
        self.points: list[Point] = []
        self.gauges: dict[str, int] = {}
        self.tool_cpu = 0.0
        self.tool_cpu_most = 0.0
        self.first_usage: tuple[float, Usage] | None = None
        self.last_usage: tuple[float, Usage] | None = None
        self._since = Measures()
        self._of_worker: list[dict[str, int]] = [{} for _ in range(workers)]
        self._cpu = [0.0] * workers
        self._memory_most = 0.0
        self._cpu_most = 0.0

    def add(self, worker: int, progress: Progress) -> None:
        """What a worker tells."""
        self.measure(progress.delta)
        self._of_worker[worker] = progress.gauges
        names = {name for gauges in self._of_worker for name in gauges}
        self.gauges = {name: sum(gauges.get(name, 0) for gauges in self._of_worker) for name in names}
        self._cpu[worker] = 100 * progress.cpu
        self.tool_cpu = max(self._cpu)
        self.tool_cpu_most = max(self.tool_cpu_most, self.tool_cpu)

    def measure(self, delta: Delta) -> None:
        self.measures.add(delta)
        self._since.add(delta)

    def point(self, at: float, usage: Usage | None) -> None:
        """An interval is over, ``at`` seconds after the begin."""
        if len(self.points) >= 2 * MOST_POINTS:
            return
        before = self.points[-1].at if self.points else 0.0
        passed = max(at - before, 1e-3)
        since, self._since = self._since, Measures()
        point = Point(
            round(at, 2), since.number("calls_offered") / passed, since.number("calls_served") / passed,
            since.number("calls_failed") / passed, self.gauges.get("calls_up", 0),
            self.gauges.get("phones_registered", 0), tool_cpu=round(self.tool_cpu, 1),
        )  # fmt: skip
        delay = since.values.get("post_dial_delay")
        if delay is not None:
            point.delay_p50 = statistic_of("post_dial_delay", delay, "p50")
            point.delay_p95 = statistic_of("post_dial_delay", delay, "p95")
        if usage is not None:
            self._use(at, usage, point)
        self.points.append(point)

    def _use(self, at: float, usage: Usage, point: Point) -> None:
        if self.last_usage is not None:
            last_at, last = self.last_usage
            point.server_cpu = 100 * (usage.cpu - last.cpu) / max(at - last_at, 1e-3)
            self._cpu_most = max(self._cpu_most, point.server_cpu)
        point.server_memory = usage.memory / 2**20
        self._memory_most = max(self._memory_most, point.server_memory)
        self.first_usage = self.first_usage or (at, usage)
        self.last_usage = (at, usage)

    def usage(self) -> dict[str, float]:
        """CPU and memory of the server, empty when they are not known."""
        if self.first_usage is None or self.last_usage is None or self.last_usage[0] <= self.first_usage[0]:
            return {}
        (began, first), (ended, last) = self.first_usage, self.last_usage
        found = {
            "server_cpu": 100 * (last.cpu - first.cpu) / (ended - began),
            "server_cpu_most": self._cpu_most,
            "server_memory": self._memory_most,
            "server_memory_growth": (last.memory - first.memory) / 2**20,
        }
        calls = self.measures.number("calls_offered")
        if calls:
            found["cpu_per_call"] = 1000 * (last.cpu - first.cpu) / calls
        return found
