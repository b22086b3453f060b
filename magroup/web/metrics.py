"""The numbers of the status as Prometheus metrics, in a registry of our own."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from magroup.web.admission import Admission
from magroup.web.connections import Connections
from magroup.web.status import Readiness, StatusSource

CONTENT_TYPE = CONTENT_TYPE_LATEST.encode()


class StatusCollector(Collector):
    """Asks for the status at each scrape. ``uptime`` gives seconds."""

    def __init__(self, status: StatusSource, uptime: Callable[[], float], version: str) -> None:
        self._status = status
        self._uptime = uptime
        self._version = version

    def collect(self) -> Iterator[Metric]:
        """The gauges; their values are counts and seconds."""
        status = self._status()
        info = GaugeMetricFamily("magroup_info", "Version of magroup.", labels=["version"])
        info.add_metric([self._version], 1)
        yield info
        yield GaugeMetricFamily("magroup_uptime_seconds", "Time since the start.", self._uptime())
        yield GaugeMetricFamily("magroup_lines", "Configured lines.", status.lines)
        yield GaugeMetricFamily("magroup_registered_lines", "Lines with a registered phone.", status.registered_lines)
        yield GaugeMetricFamily("magroup_calls", "Calls that are up.", status.calls)
        yield GaugeMetricFamily("magroup_groups", "Configured groups.", len(status.groups))


class LoginCollector(Collector):
    """Logins by how the password came and what became of them, and the sessions that are open."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def collect(self) -> Iterator[Metric]:
        """Counts."""
        logins = CounterMetricFamily("magroup_logins", "Logins tried.", labels=["how", "outcome"])
        for (how, outcome), count in sorted(self._admission.log_in.outcomes.items()):
            logins.add_metric([how, outcome], count)
        yield logins
        yield GaugeMetricFamily("magroup_sessions", "Browsers that are logged in.", len(self._admission.sessions))


class ReadinessCollector(Collector):
    """The parts of the server, as /readyz has them."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def collect(self) -> Iterator[Metric]:
        """1 or 0 for each."""
        works = GaugeMetricFamily("magroup_part_works", "1: this part does its work.", labels=["part"])
        for part, is_so in self._readiness.works().items():
            works.add_metric([part], is_so)
        yield works


class ConnectionCollector(Collector):
    """The HTTP connections that are open, and those that were refused."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def collect(self) -> Iterator[Metric]:
        """Counts."""
        yield GaugeMetricFamily("magroup_http_connections", "HTTP connections that are open.", len(self._connections))
        refused = self._connections.refused
        yield CounterMetricFamily("magroup_http_connections_refused", "HTTP connections refused.", refused)


def new_registry(*collectors: Collector) -> CollectorRegistry:
    """A registry of these and the process's CPU, memory and file descriptors; other parts add theirs."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    ProcessCollector(registry=registry)
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    """The registry in Prometheus's text format."""
    return generate_latest(registry)
