"""How messages that are sent out do, for the metrics."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from magroup.outgoing.outbox import Outbox


class OutboxCollector(Collector):
    """``outboxes`` are looked for at each scrape, by what they are for: a receiver that there is none of gives None."""

    def __init__(self, outboxes: Mapping[str, Callable[[], Outbox | None]]) -> None:
        self._outboxes = outboxes

    def collect(self) -> Iterator[Metric]:
        """Counts since the receiver was set."""
        messages = CounterMetricFamily(
            "magroup_sent_out_messages", "Messages for receivers of syslog and HEP.", labels=["to", "outcome"]
        )  # fmt: skip
        waiting = GaugeMetricFamily("magroup_sent_out_waiting", "Messages that wait for a receiver.", labels=["to"])
        away = GaugeMetricFamily("magroup_sent_out_away", "1: the receiver is away.", labels=["to"])
        for to, look in self._outboxes.items():
            outbox = look()
            if outbox is not None:
                messages.add_metric([to, "sent"], outbox.sent)
                messages.add_metric([to, "lost"], outbox.lost)
                waiting.add_metric([to], len(outbox))
                away.add_metric([to], outbox.is_away)
        yield from (messages, waiting, away)
