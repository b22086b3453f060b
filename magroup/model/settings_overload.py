"""The settings of what is refused while there is too much: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model.setting import setting


@dataclass(frozen=True)
class OverloadSettings:
    """New calls are refused (503, Retry-After) while messages wait too long, so that those that are up are served."""

    wait: int = setting(
        200, "Time for which SIP messages may wait before some new calls are refused; 0: none are for that.", unit="ms",
        low=0, high=10_000,
    )  # fmt: skip
    retry_after: int = setting(
        10, "Longest time after which who was refused may try again; each is told another one.", unit="s", low=1,
        high=3600,
    )  # fmt: skip
