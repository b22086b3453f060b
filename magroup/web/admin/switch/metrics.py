"""Trunks, and what is held off on SIP, as Prometheus metrics."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from magroup.model.standing import BanStanding, Defence, TrunkStanding


class Watched(Protocol):
    """What is asked at each scrape."""

    def trunks(self) -> list[TrunkStanding]: ...

    def bans(self) -> list[BanStanding]: ...

    def locked(self) -> dict[str, float]: ...

    def defence(self) -> Defence: ...


class SwitchCollector(Collector):
    """Asks at each scrape."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        """One value for each trunk, and counts."""
        works = GaugeMetricFamily("magroup_trunk_works", "Whether calls go over the trunk.", labels=["trunk"])
        for trunk in self._watched.trunks():
            works.add_metric([trunk.trunk.name], trunk.works)
        yield works
        found = self._watched.defence()
        yield GaugeMetricFamily("magroup_sip_banned", "Addresses that are banned.", len(self._watched.bans()))
        yield GaugeMetricFamily(
            "magroup_sip_guarded_lines", "Lines that take no new addresses.", len(self._watched.locked())
        )  # fmt: skip
        bans = CounterMetricFamily("magroup_sip_bans", "Bans of addresses.", labels=["reason"])
        for reason, count in sorted(found.bans.items()):
            bans.add_metric([reason], count)
        yield bans
        yield CounterMetricFamily(
            "magroup_sip_banned_dropped", "Datagrams and connections of banned addresses.", found.dropped
        )  # fmt: skip
        yield CounterMetricFamily("magroup_outside_calls", "Calls made to the outside.", found.outside)
        refused = CounterMetricFamily(
            "magroup_outside_calls_refused", "Calls to the outside that were refused.", labels=["reason"]
        )  # fmt: skip
        for reason, count in sorted(found.refused.items()):
            refused.add_metric([reason], count)
        yield refused
