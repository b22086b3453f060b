"""Trunks, and what is held off and refused on SIP, as Prometheus metrics."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from magroup.model.standing import BanStanding, Defence, Strain, TrunkStanding


class Watched(Protocol):
    """What is asked at each scrape."""

    def trunks(self) -> list[TrunkStanding]: ...

    def bans(self) -> list[BanStanding]: ...

    def locked(self) -> dict[str, float]: ...

    def defence(self) -> Defence: ...

    def strain(self) -> Strain: ...


class SwitchCollector(Collector):
    """Asks at each scrape."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        """One value for each trunk, counts, seconds and a share."""
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
        yield from _strained(self._watched.strain())


def _strained(strain: Strain) -> Iterator[Metric]:
    yield GaugeMetricFamily("magroup_sip_wait_seconds", "Longest wait of SIP messages lately.", strain.wait)
    yield GaugeMetricFamily("magroup_overload_share", "Share of new calls that are refused now.", strain.share)
    refused = CounterMetricFamily(
        "magroup_overload_refused", "New requests that were refused in an overload.", labels=["method"]
    )  # fmt: skip
    for method in sorted({"INVITE", *strain.refused}):
        refused.add_metric([method], strain.refused.get(method, 0))
    yield refused
    yield CounterMetricFamily("magroup_sip_lost", "Datagrams for which there was no room.", strain.lost)
