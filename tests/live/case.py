"""What the live tests of the group flow share: servers with short sounds, and what must be so when calls are over."""

from typing import Any

import numpy as np
from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord
from tests.live.server import Live
from tests.peers import audio, until

GREETING, FIRST, SECOND = "Hello.wav", "First.wav", "Second.wav"
SECONDS = {GREETING: 1.2, FIRST: 0.6, SECOND: 0.8}
"""Sounds of every server here; no stretch of one resembles another."""
SHORT_T1 = 0.05
"""Timer T1 where a test waits for what is sent into the void."""


class LiveCase(TestCase):
    """Starts servers; each test ends with ``over``, or looks itself at what is left."""

    timeout = 90

    async def serve(self, text: str, *, pings: int = 0, sip: dict[str, Any] | None = None, **options: Any) -> Live:
        """Start a server with this company; it pings nobody, for a phone of SIPp counts a ping as a call."""
        server = Live(self, text, sip={"options_ping_interval": pings, **(sip or {})}, **options)
        self.speak(server)
        return await server.start()

    def speak(self, server: Live) -> None:
        """Give a server that has not started yet its sounds."""
        for seed, (name, seconds) in enumerate(SECONDS.items()):
            server.sound(name, seconds, seed + 1)

    def spoken(self, server: Live, *names: str) -> audio.Samples:
        """The sounds one after another, 8000 samples a second."""
        return np.concatenate([audio.read_wav(server.sound_file(name))[0] for name in names])

    def in_time(self, gaps: list[int]) -> None:
        """Timestamps of packets go on by 20 ms; a machine that stands still for a moment leaves out what is late."""
        self.assertEqual({gap % 160 for gap in gaps}, {0})
        self.assertGreater(gaps.count(160), 0.95 * len(gaps))

    async def over(self, server: Live, story: str) -> CallRecord:
        """Nothing of the only call is left but its record, which tells this story (see `Live.story`)."""
        await server.quiet()
        self.assertEqual(await server.story(), story)
        (record,) = await server.records()
        return record

    async def forgotten(self, server: Live) -> None:
        """Wait until not even a transaction is left: 64 * T1 for most, 5 s (T4) for some."""
        await until(lambda: not server.transactions(), 15.0, what="no transaction", seen=lambda: str(server.dump()))
