"""The numbers of the gadgets as Prometheus metrics."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from magroup.web.gadget.gadgets import Gadgets


class GadgetCollector(Collector):
    """Asks at each scrape."""

    def __init__(self, gadgets: Gadgets) -> None:
        self._gadgets = gadgets

    def collect(self) -> Iterator[Metric]:
        """Counts."""
        yield GaugeMetricFamily("magroup_gadgets", "Gadgets that are open.", len(self._gadgets))
        refused = CounterMetricFamily(
            "magroup_gadget_commands_refused", "Commands of gadgets that were refused.", labels=["code"]
        )  # fmt: skip
        for code, count in sorted(self._gadgets.refusals.items()):
            refused.add_metric([code], count)
        yield refused
        closed = CounterMetricFamily("magroup_gadgets_closed", "Gadgets closed by the server.", labels=["why"])
        for why, count in sorted(self._gadgets.ends.items()):
            closed.add_metric([why], count)
        yield closed
