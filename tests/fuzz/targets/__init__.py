"""What is fuzzed, by name; a target is made when it is wanted."""

from collections.abc import Callable
from importlib import import_module

from tests.fuzz.target import Target

NAMES = (
    "sip_message",
    "sip_stream",
    "sip_values",
    "sip_layers",
    "sdp",
    "rtp",
    "csta",
    "csta_server",
    "ami",
    "cluster",
    "sip_bodies",
    "files",
    "websocket",
    "site",
    "switch",
)


def _made(name: str) -> Target:
    made: Target = import_module(f"tests.fuzz.targets.{name}").TARGET
    return made


TARGETS: dict[str, Callable[[], Target]] = {name: (lambda name=name: _made(name)) for name in NAMES}  # type: ignore[misc]
