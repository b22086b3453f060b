"""The numbers of the trace of SIP messages as Prometheus metrics."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from magroup.model.trace import Traces


class TraceCollector(Collector):
    """Asks at each scrape."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces

    def collect(self) -> Iterator[Metric]:
        """Bytes and counts."""
        figures = self._traces.figures()
        yield GaugeMetricFamily("magroup_sip_trace_bytes", "Memory of the trace of SIP messages.", figures.size)
        yield GaugeMetricFamily("magroup_sip_trace_messages", "SIP messages kept in the trace.", figures.kept)
        yield CounterMetricFamily(
            "magroup_sip_trace_messages_taken", "SIP messages that the trace has taken.", figures.messages
        )  # fmt: skip
