"""Metrics that each worker has: as one tells them, and those of all as one page for Prometheus."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from magroup.web.metrics import new_registry

Form = tuple[str, str, str, list[tuple[str, dict[str, str], float]]]
"""A metric: name, documentation and type, and its samples with their names, labels and values."""

LABEL = "worker"


class CallsCollector(Collector):
    """Counts the calls at each scrape."""

    def __init__(self, calls: Callable[[], int]) -> None:
        self._calls = calls

    def collect(self) -> Iterator[Metric]:
        """One gauge."""
        yield GaugeMetricFamily("magroup_calls", "Calls that are up.", self._calls())


def figures(calls: Callable[[], int], *collectors: Collector) -> CollectorRegistry:
    """Of one worker, its process among them."""
    return new_registry(CallsCollector(calls), *collectors)


def forms(registry: CollectorRegistry) -> list[Form]:
    return [(one.name, one.documentation, one.type, [_sample(each) for each in one.samples])
            for one in registry.collect()]  # fmt: skip


def _sample(sample: Sample) -> tuple[str, dict[str, str], float]:
    return sample.name, dict(sample.labels), float(sample.value)


class _Page(CollectorRegistry):
    """Metrics that are made already."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        super().__init__()
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def exposition(registry: CollectorRegistry, workers: Mapping[int, Sequence[Form]]) -> bytes:
    """``workers`` has what each tells, by its number; the rest of ``registry`` is there once."""
    of_each: dict[str, Metric] = {}
    for number, told in workers.items():
        for name, documentation, kind, samples in told:
            metric = of_each.setdefault(name, Metric(name, documentation, kind))
            for sample, labels, value in samples:
                metric.add_sample(sample, {**labels, LABEL: str(number)}, value)
    once = [metric for metric in registry.collect() if metric.name not in of_each]
    return generate_latest(_Page([*once, *of_each.values()]))
