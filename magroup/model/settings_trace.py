"""The settings of the trace of SIP messages, and of their capture: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model.receivers import HepPlace
from magroup.model.setting import setting


@dataclass(frozen=True)
class TraceSettings:
    """The SIP messages of the newest calls, kept in memory for the tab Calls."""

    memory: int = setting(
        16, "Memory for them; when it is full those of the oldest call go. 0: nothing is kept.", unit="MiB", low=0,
        high=4096,
    )  # fmt: skip
    messages_per_call: int = setting(
        500, "Messages kept of a call; of more, those in the middle go.", low=20, high=100_000
    )


@dataclass(frozen=True)
class HepSettings:
    """All SIP messages, without what is secret in them, sent to a Homer or another reader of HEP 3."""

    to: str = setting("", "Where it is: udp:HOST:9060; empty: none.", check=HepPlace.parse_or_none)
    agent: int = setting(2001, "Number of this capture agent.", low=0, high=(1 << 32) - 1)
    queue_limit: int = setting(
        10_000, "Messages that wait to be sent; further ones are not.", low=10, high=1_000_000
    )
