"""Phones that speak SRTP, for the tests of the switch."""

from base64 import b64encode

from magroup.sip.sdp import Session
from tests.switch.bench import Phone, sdp

SUITE = "AES_CM_128_HMAC_SHA1_80"


def described(phone: Phone, way: str, number: int, protocol: str, tag: int) -> bytes:
    """What a phone with SRTP says of itself; each number makes another key."""
    key = b64encode(f"{phone.number}-{number}".encode().ljust(30, b"k")).decode()
    plain = sdp(phone.host, phone.media_port, way).replace(b"RTP/AVP", protocol.encode())
    return plain + f"a=crypto:{tag} {SUITE} inline:{key}|2^31\r\na=x-vendor:1\r\n".encode()


def secure(phone: Phone, protocol: str = "RTP/SAVP", new_keys: bool = False, tag: int = 1) -> Phone:
    """Let a phone speak SRTP, with new keys in each of its descriptions or always the same."""
    made = [0]

    def says(way: str = "sendrecv") -> bytes:
        made[0] += new_keys
        return described(phone, way, made[0], protocol, tag)

    phone.sdp = says  # type: ignore[method-assign]
    phone.newest = lambda: described(phone, "sendrecv", made[0], protocol, tag)  # type: ignore[attr-defined]
    return phone


def key_in(description: bytes) -> str:
    """Its first a=crypto line."""
    audio = Session.parse(description).audio
    assert audio is not None
    return audio.attribute("crypto") or ""
