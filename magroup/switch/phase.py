"""What a call of the switch is about, at any moment."""

from enum import Enum


class Phase(Enum):
    """From its first INVITE to its last BYE."""

    ARRIVED = 1
    AT_ROUTE_POINT = 2
    RINGING = 3
    TALKING = 4
    CLEARING = 5
    ENDED = 6
