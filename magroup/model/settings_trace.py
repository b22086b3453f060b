"""The settings of the trace of SIP messages: see ``magroup.model.settings``."""

from dataclasses import dataclass

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
