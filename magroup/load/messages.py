"""What the load tool and its workers say to each other, a line of JSON each."""

import msgspec
from msgspec import Struct

from magroup.load.measures import Delta
from magroup.load.scenario import Scenario

LONGEST = 16 << 20


class Share(Struct, frozen=True):
    """To a worker, at the start: what it is to do. ``worker`` counts from 0."""

    scenario: Scenario
    worker: int
    workers: int
    transport: str
    host: str
    port: int
    domain: str
    addresses: list[str]
    times: str


class Said(Struct, tag_field="say", frozen=True):
    """From a worker."""


class Ready(Said, tag="ready", frozen=True):
    """It can begin, or there is a ``problem``."""

    problem: str = ""


class Progress(Said, tag="progress", frozen=True):
    """What was measured since the last time; ``cpu`` is the share of a processor that the worker has taken."""

    delta: Delta
    gauges: dict[str, int]
    cpu: float


class Done(Said, tag="done", frozen=True):
    """All has ended; the last of what was measured."""

    delta: Delta


BEGIN, DRAIN, STOP = b"begin", b"drain", b"stop"
"""What a worker is told later."""

encode = msgspec.json.Encoder().encode
_said: msgspec.json.Decoder[Ready | Progress | Done] = msgspec.json.Decoder(Ready | Progress | Done)
decode = _said.decode
decode_share = msgspec.json.Decoder(Share).decode
