"""Session descriptions: read, answered, changed as a B2BUA does; descriptions of our own can be read."""

from contextlib import suppress

from magroup.sip import offer_answer, sdes, sdes_relay, sdp, sdp_relay
from magroup.sip.errors import SipError
from magroup.sip.offer_answer import accept, answer, offer
from magroup.sip.sdes import Policy, Sdes, lines
from magroup.sip.sdes_relay import as_answer, same_keys
from magroup.sip.sdp import Direction, SdpError, Session
from magroup.sip.sdp_relay import Origin, audio_endpoint, direction, same_media, with_direction, with_origin
from tests.fuzz.target import Target, hold, same

HOST = "192.0.2.2"
_SDES = tuple(Sdes(policy, lambda suite: b"k" * 30) for policy in Policy)


def _check(data: bytes) -> None:
    with suppress(SdpError):
        found = Session.parse(data)
        _look(found)
        for keys in (None, *_SDES):
            _answered(found, data, keys)
        _passed_on(data, found)
    same_keys(data, data, data)
    hold(same_media(data, data), "itself")


def _look(found: Session) -> None:
    for media in found.media:
        hold(0 <= media.port < 65536 and 0 <= media.rtcp[1] < 65536, "port")
        hold(all(0 <= codec.payload < 128 and codec.rate >= 0 for codec in media.codecs), "codec")
        for crypto in lines(media):
            hold(len(crypto.master) == 30 and len(crypto.mki) <= 128, "key")
    hold(found.audio is None or found.audio.kind == "audio", "audio")


def _answered(found: Session, data: bytes, keys: Sdes | None) -> None:
    with suppress(SdpError):
        made, agreed = answer(found, HOST, 5000, sdes=keys)
        mine = Session.parse(made)
        same(
            [(one.kind, one.protocol) for one in mine.media],
            [(one.kind, one.protocol) for one in found.media],
            "streams",
        )
        same(sum(bool(one.port) for one in mine.media), 1, "streams in use")
        audio = mine.audio
        hold(audio is not None and audio.port == 5000, "audio")
        if audio is not None:
            same((audio.codecs[0].name, audio.codecs[0].payload), (agreed.codec, agreed.payload), "codec")
            hold(audio.direction is agreed.direction, "direction")
            same(bool(lines(audio)), agreed.srtp is not None, "keys")
        hold(0 < agreed.port < 65536 and 0 <= agreed.payload < 128, "agreed")
    with suppress(SdpError):
        accept(found, sdes=keys)
    if keys is not None:
        Session.parse(offer(HOST, 5000, sdes=keys, remote=data))


def _passed_on(data: bytes, found: Session) -> None:
    """Only what is to be changed is another after it."""
    stamped = Session.parse(with_origin(data, 17, 18, HOST))
    same(_of(stamped), _of(found), "with another o= line")
    origin = Origin(17, HOST)
    origin.stamp(data)
    origin.stamp(data)
    same(origin.version, 17, "version")
    with suppress(SipError):
        audio_endpoint(data)
    direction(data)
    for way in Direction:
        turned = Session.parse(with_direction(data, way))
        for media, before in zip(turned.media, found.media, strict=True):
            wanted = Direction.of(way.sends, False) if media.host in ("0.0.0.0", "::") else way
            same(media.direction, wanted, "direction")
            same((media.port, media.formats, media.host), (before.port, before.formats, before.host), "stream")
    chosen = Session.parse(as_answer(data, data))
    same(len(chosen.media), len(found.media), "streams of an answer")
    for media in chosen.media:
        if media.port:
            hold(len(lines(media)) <= 1, "keys of an answer")


def _of(found: Session) -> list[object]:
    return [
        (one.kind, one.port, one.protocol, one.formats, one.host, one.attributes, one.direction) for one in found.media
    ]


SEEDS = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 9 18 101\r\na="
    b"rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendonly\r\n",
    b"v=0\no=- 1 1 IN IP6 2001:db8::1\ns=-\nt=0 0\na=inactive\nm=audio 4000/2 RTP/SAVP 9\nc=IN IP6 2001:db8::1\na=rtcp"
    b":4005 IN IP6 2001:db8::2\n"
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr|2^20|1:4 UNENCRYPTED_SRTP\n"
    b"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr|2^31|1:4 -x WSH=64\na=rtcp-mu"
    b"x\n"
    b"m=video 0 RTP/AVP 96\nm=image 5000 udptl t38\n",
    b"v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 0 RTP/AVPF 0\r\nm=audio 6000 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\na=fm"
    b"tp:96 useinbandfec=1\r\na=recvonly\r\n",
)
TOKENS = (
    b"v=0\r\n", b"\r\nm=audio 4000 RTP/AVP 0", b"\r\nm=", b"\nm=video 1 RTP/AVP 31", b"\r\nc=IN IP4 192.0.2.9",
    b"\r\no=x 1 2 IN IP4 h", b"\no=",
    b"\r\na=sendrecv", b"\r\na=inactive ", b"\r\na=recvonly", b"\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
    b"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr", b"|2^48|1:1", b" KDR=1", b"\r\na=rtpmap:96 PCMU/8000",
    b"\r\na=rtcp:1", b"\r\na=rtcp-mux", b"RTP/SAVP",
    b"RTP/SAVPF", b"0.0.0.0", b"239.0.0.1", b"255.255.255.255", b"::", b"G722/16000", b"telephone-event/8000",
    b"\r\na=fmtp:0 x", b" 0", b"/2",
    b"\x0b", b"\x0c", b"\x1c", b"\x85",
)  # fmt: skip
TARGET = Target(
    "sdp", _check, (sdp, sdes, offer_answer, sdp_relay, sdes_relay), SEEDS, TOKENS, 40 << 10, fresh=300, seconds=0.3
)
