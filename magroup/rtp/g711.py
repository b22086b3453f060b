"""G.711 by tables: mu-law and A-law, both ways, as the reference software of ITU-T G.191 defines them."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Octets = npt.NDArray[np.uint8]


def _magnitudes(shift: int) -> npt.NDArray[np.int64]:
    """Of every 16 bit value in the order of its unsigned form; negative ones by one's complement, as G.191 has it."""
    values = np.arange(65536, dtype=np.int64).astype(np.uint16).view(np.int16).astype(np.int64)
    return np.where(values < 0, ~values, values) >> shift


_SIGN = np.where(np.arange(65536) < 32768, 0x80, 0)


def _mu_encode_table() -> Octets:
    biased = np.minimum(_magnitudes(2) + 33, 0x1FFF)
    segment = np.floor(np.log2(biased)).astype(np.int64) - 5
    step = (biased >> (segment + 1)) & 0xF
    return (((7 - segment) << 4) | (0xF - step) | _SIGN).astype(np.uint8)


def _mu_decode_table() -> Samples:
    code = np.arange(256)
    exponent, mantissa = (~code >> 4) & 7, ~code & 0xF
    magnitude = (0x80 << exponent) + (8 << exponent) * mantissa + (4 << exponent) - 132
    table: Samples = np.where(code < 0x80, -magnitude, magnitude).astype(np.int16)
    return table


def _a_encode_table() -> Octets:
    magnitude = _magnitudes(4)
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int64) - 3, 0)
    mantissa = (magnitude >> np.maximum(exponent - 1, 0)) & 0xF
    table: Octets = (((exponent << 4) | mantissa | _SIGN) ^ 0x55).astype(np.uint8)
    return table


def _a_decode_table() -> Samples:
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 0xF
    magnitude = ((mantissa + np.where(exponent > 0, 16, 0)) * 16 + 8) << np.maximum(exponent - 1, 0)
    table: Samples = np.where(code < 0x80, -magnitude, magnitude).astype(np.int16)
    return table


MU_ENCODE, MU_DECODE = _mu_encode_table(), _mu_decode_table()
A_ENCODE, A_DECODE = _a_encode_table(), _a_decode_table()
for _table in (MU_ENCODE, MU_DECODE, A_ENCODE, A_DECODE):
    _table.flags.writeable = False


def mu_encode(samples: Samples) -> bytes:
    """One octet (RFC 3551 section 4.5.14, PCMU) per 16 bit sample."""
    return MU_ENCODE.take(samples.view(np.uint16)).tobytes()


def mu_decode(payload: bytes) -> Samples:
    """16 bit samples of PCMU octets."""
    samples: Samples = MU_DECODE.take(np.frombuffer(payload, np.uint8))
    return samples


def a_encode(samples: Samples) -> bytes:
    """One octet (RFC 3551 section 4.5.14, PCMA) per 16 bit sample."""
    return A_ENCODE.take(samples.view(np.uint16)).tobytes()


def a_decode(payload: bytes) -> Samples:
    """16 bit samples of PCMA octets."""
    samples: Samples = A_DECODE.take(np.frombuffer(payload, np.uint8))
    return samples
