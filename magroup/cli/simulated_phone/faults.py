"""How a phone fails when something is pushed to it."""

from dataclasses import dataclass
from enum import Enum, auto


class Failing(Enum):
    """HANG never answers, SLOW does after ``seconds``, DROP closes the connection, ERROR is a CiscoIPPhoneError."""

    HANG = auto()
    SLOW = auto()
    DROP = auto()
    GARBAGE = auto()
    REDIRECT = auto()
    UNAUTHORIZED = auto()
    ERROR = auto()


@dataclass(frozen=True)
class Fault:
    """``url`` is where REDIRECT leads, ``number`` that of an ERROR."""

    failing: Failing
    seconds: float = 0.0
    url: str = ""
    number: int = 3
