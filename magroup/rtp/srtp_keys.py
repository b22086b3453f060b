"""Session keys of SRTP, and what they do to a packet: AES in counter mode, HMAC-SHA1 (RFC 3711 sections 4.1 to 4.3)."""

import hashlib
from dataclasses import field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from magroup.model.fixed import fixed

SUITES = {"AES_CM_128_HMAC_SHA1_80": 10, "AES_CM_128_HMAC_SHA1_32": 4}
"""Bytes of the authentication tag of RTP by the suite's name in SDP (RFC 4568 section 6.2)."""

RTCP_TAG_BYTES = 10
"""The same of RTCP with either suite."""

KEY_BYTES, SALT_BYTES = 16, 14
MASTER_BYTES = KEY_BYTES + SALT_BYTES
AUTHENTICATION_KEY_BYTES = 20
RTP_LABEL, RTCP_LABEL = 0, 3
_BLOCK_BYTES = 64


@fixed
class RemoteKey:
    """What the other end seals its packets with: master key and salt, 30 bytes, and the MKI before each tag."""

    suite: str
    master: bytes = field(repr=False)
    mki: bytes = b""


def derive(master: bytes, label: int, size: int) -> bytes:
    """``size`` bytes of the session key with that label; the key derivation rate is 0."""
    start = int.from_bytes(master[KEY_BYTES:]) ^ label << 48
    cipher = Cipher(algorithms.AES(master[:KEY_BYTES]), modes.CTR((start << 16).to_bytes(16)))
    return cipher.encryptor().update(bytes(size))


class SessionKeys:
    """The keys of RTP or of RTCP, by the first of its three labels."""

    __slots__ = ("_cipher", "_inner", "_outer", "_salt")

    def __init__(self, master: bytes, label: int) -> None:
        self._cipher = Cipher(algorithms.AES(derive(master, label, KEY_BYTES)), modes.CTR(bytes(16))).encryptor()
        self._salt = int.from_bytes(derive(master, label + 2, SALT_BYTES)) << 16
        key = derive(master, label + 1, AUTHENTICATION_KEY_BYTES).ljust(_BLOCK_BYTES, b"\0")
        # Half the time of hmac, which begins with the key for each packet.
        self._inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha1(bytes(byte ^ 0x5C for byte in key))

    def encipher(self, data: bytes, ssrc: int, index: int) -> bytes:
        """Enciphers, and deciphers, what the packet with that index carries."""
        self._cipher.reset_nonce((self._salt ^ ssrc << 64 ^ index << 16).to_bytes(16))
        return self._cipher.update(data)

    def authenticate(self, data: bytes, more: bytes) -> bytes:
        """The HMAC of both, 20 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        inner.update(more)
        outer.update(inner.digest())
        return outer.digest()
