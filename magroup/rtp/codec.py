"""The codecs that can be played and recorded: PCMU, PCMA and G722, with their static payload types (RFC 3551)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from G722 import G722

from magroup.model.fixed import fixed
from magroup.rtp import g711
from magroup.rtp.g711 import Samples

FRAME_SECONDS = 0.02
FRAMES_PER_SECOND = 50
CLOCK_RATE = 8000
FRAME_TICKS = CLOCK_RATE // FRAMES_PER_SECOND
"""RTP timestamps of all codecs here count at 8000 Hz: 160 in 20 ms, whatever codec a call changes to."""

Encode = Callable[[Samples], bytes]
Decode = Callable[[bytes], Samples]


@fixed
class Codec:
    """A codec as RTP sees it; one frame is 20 ms.

    ``sample_rate`` (Hz) counts samples; for G.722 that is not the rate of RTP timestamps, which is 8000 Hz for all
    (RFC 3551 section 4.5.2). ``silence`` is a payload of 20 ms. ``new_encoder`` and ``new_decoder`` give a function
    with a state of its own: one for each signal, fed in order, in pieces of an even number of samples.
    """

    name: str
    payload_type: int
    sample_rate: int
    silence: bytes
    new_encoder: Callable[[], Encode]
    new_decoder: Callable[[], Decode]

    @property
    def frame_samples(self) -> int:
        """Samples in 20 ms."""
        return self.sample_rate // FRAMES_PER_SECOND

    @property
    def clock_rate(self) -> int:
        """The rate of RTP timestamps in Hz, as SDP has it."""
        return CLOCK_RATE

    @property
    def frame_bytes(self) -> int:
        """Payload octets of 20 ms."""
        return len(self.silence)

    def __repr__(self) -> str:
        return f"<Codec {self.name}>"


def _g722_encoder() -> Encode:
    state = G722(16000, 64000)
    return lambda samples: bytes(state.encode(samples))


def _g722_decoder() -> Decode:
    state = G722(16000, 64000)
    return lambda payload: np.array(state.decode(payload), dtype=np.int16)


PCMU = Codec("PCMU", 0, 8000, b"\xff" * 160, lambda: g711.mu_encode, lambda: g711.mu_decode)
PCMA = Codec("PCMA", 8, 8000, b"\xd5" * 160, lambda: g711.a_encode, lambda: g711.a_decode)
G722_64 = Codec("G722", 9, 16000, b"\xff" * 160, _g722_encoder, _g722_decoder)

CODECS: Mapping[str, Codec] = MappingProxyType({codec.name: codec for codec in (PCMU, PCMA, G722_64)})
