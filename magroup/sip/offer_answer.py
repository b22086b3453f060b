"""Offers and answers for audio of our own: announcements, tones, recordings (RFC 3264)."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from magroup.sip.sdes import PLAIN, SECURE, Crypto, Sdes, write
from magroup.sip.sdp import STATIC, Codec, Direction, Media, SdpError, Session

CODECS: Final = ("PCMU", "PCMA", "G722")
DTMF: Final = "TELEPHONE-EVENT"
PACKET_TIME: Final = 20
_PAYLOADS: Final = {codec.name: codec.payload for codec in STATIC.values()}
_PROTOCOLS: Final = (*PLAIN, *SECURE)


@dataclass(frozen=True)
class AgreedAudio:
    """One audio stream as both sides see it.

    ``codec`` is its encoding name, ``payload`` the type that the other side wants it and ``dtmf`` the one it wants
    telephone events as (None: it takes none); ``receives`` and ``receives_dtmf`` are those that it sends. ``host`` and
    ``port`` are where it receives, ``rtcp`` where it receives RTCP (port 0: nowhere). ``direction`` is ours. ``srtp``
    has the key that it sends with, None for plain RTP.
    """

    codec: str
    payload: int
    receives: int
    dtmf: int | None
    receives_dtmf: int | None
    host: str
    port: int
    rtcp: tuple[str, int]
    rtcp_mux: bool
    direction: Direction
    srtp: Crypto | None = None


def answer(
    offer: Session,
    host: str,
    port: int,
    codecs: Sequence[str] = CODECS,
    direction: Direction = Direction.SENDRECV,
    sdes: Sdes | None = None,
) -> tuple[bytes, AgreedAudio]:
    """The answer with one codec, the first of the offer's among ``codecs``, and telephone events; its o= line is a
    formal one. Other streams are refused; without ``sdes`` secure ones are too.

    Raises SdpError, 488 with a Warning.
    """
    index, chosen, codec, crypto = _choose(offer, codecs, sdes)
    dtmf = next((event.payload for event in chosen.codecs if event.name == DTMF and event.rate == 8000), None)
    mux = chosen.attribute("rtcp-mux") is not None
    agreed = AgreedAudio(
        codec.name, codec.payload, codec.payload, dtmf, dtmf, chosen.host, chosen.port,
        (chosen.host, chosen.port) if mux else chosen.rtcp, mux, direction.within(chosen.direction.reversed),
        crypto,
    )  # fmt: skip
    keys = [write(crypto.tag, crypto.suite, sdes.key(crypto.suite))] if crypto is not None and sdes is not None else []
    lines = _session_lines(host)
    for number, media in enumerate(offer.media):
        if number == index:
            lines += _audio_lines(port, media.protocol, [codec], dtmf, agreed.direction, mux, keys)
        else:
            lines.append(f"m={media.kind} 0 {media.protocol} {' '.join(media.formats) or '0'}")
    return _encode(lines), agreed


def offer(
    host: str,
    port: int,
    codecs: Sequence[str] = CODECS,
    direction: Direction = Direction.SENDRECV,
    dtmf: int | None = 101,
    sdes: Sdes | None = None,
    remote: bytes = b"",
) -> bytes:
    """An offer of one audio stream with these codecs of fixed payload types; its o= line is a formal one.

    With ``sdes`` it may be a secure one; ``remote`` is how the other end last described itself.
    """
    offered = [STATIC[_PAYLOADS[name]] for name in codecs]
    protocol, keys = sdes.offers(remote) if sdes is not None else (PLAIN[0], [])
    return _encode(_session_lines(host) + _audio_lines(port, protocol, offered, dtmf, direction, False, keys))


def accept(
    answer: Session,
    codecs: Sequence[str] = CODECS,
    direction: Direction = Direction.SENDRECV,
    dtmf: int | None = 101,
    sdes: Sdes | None = None,
) -> AgreedAudio:
    """What the answer to an ``offer`` made with the same arguments agrees to. Raises SdpError."""
    media = answer.media[0] if answer.media else None
    if media is None or media.kind != "audio" or not media.port:
        raise SdpError("Audio was refused", 488, 304)
    if media.protocol.upper() not in (_PROTOCOLS if sdes is not None else PLAIN):
        raise SdpError("Incompatible transport protocol", 488, 302)
    crypto = sdes.accept(media) if sdes is not None else None
    codec = next((codec for codec in media.codecs if _fits(codec, codecs)), None)
    if codec is None:
        raise SdpError("Incompatible media format", 488, 305)
    _check_address(media)
    events = None
    if dtmf is not None:
        events = next((event.payload for event in media.codecs if event.name == DTMF and event.rate == 8000), None)
    return AgreedAudio(
        codec.name, codec.payload, _PAYLOADS[codec.name], events, dtmf if events is not None else None, media.host,
        media.port, media.rtcp, False, direction.within(media.direction.reversed), crypto,
    )  # fmt: skip


def _choose(
    offer: Session, codecs: Sequence[str], sdes: Sdes | None
) -> tuple[int, Media, Codec, Crypto | None]:
    """The first audio stream that can be served: its place, itself, the codec, the key."""
    warning, reason = 304, "Media type not available"
    for index, media in enumerate(offer.media):
        if media.kind != "audio" or not media.port:
            continue
        if media.protocol.upper() not in (_PROTOCOLS if sdes is not None else PLAIN):
            if warning == 304:
                warning, reason = 302, "Incompatible transport protocol"
            continue
        try:
            crypto = sdes.choose(media) if sdes is not None else None
        except SdpError as error:
            if warning == 304:
                warning, reason = error.warning, error.reason
            continue
        for codec in media.codecs:
            if _fits(codec, codecs):
                _check_address(media)
                return index, media, codec, crypto
        warning, reason = 305, "Incompatible media format"
    raise SdpError(reason, 488, warning)


def _fits(codec: Codec, codecs: Sequence[str]) -> bool:
    """G.722 has a clock rate of 8000 by mistake (RFC 3551 section 4.5.2); some write the 16000 it should be."""
    return (
        codec.name in codecs
        and codec.channels == 1
        and codec.rate in ((8000, 16000) if codec.name == "G722" else (8000,))
    )


def _check_address(media: Media) -> None:
    """Sound is sent to numeric addresses of single hosts only."""
    try:
        address = ip_address(media.host)
    except ValueError:
        raise SdpError("Incompatible network address formats", 488, 301) from None
    if address.is_multicast or media.host == "255.255.255.255":
        raise SdpError("Incompatible network address formats", 488, 301)


def _session_lines(host: str) -> list[str]:
    family = 6 if ":" in host else 4
    return ["v=0", f"o=- 1 1 IN IP{family} {host}", "s=-", f"c=IN IP{family} {host}", "t=0 0"]


def _audio_lines(
    port: int, protocol: str, codecs: Sequence[Codec], dtmf: int | None, direction: Direction, mux: bool,
    keys: Sequence[str],
) -> list[str]:  # fmt: skip
    payloads = [codec.payload for codec in codecs]
    maps = [f"a=rtpmap:{codec.payload} {codec.name}/{codec.rate}" for codec in codecs]
    if dtmf is not None:
        payloads.append(dtmf)
        maps += [f"a=rtpmap:{dtmf} telephone-event/8000", f"a=fmtp:{dtmf} 0-15"]
    lines = [f"m=audio {port} {protocol} {' '.join(map(str, payloads))}", *maps, f"a=ptime:{PACKET_TIME}", *keys]
    if mux:
        lines.append("a=rtcp-mux")
    return [*lines, f"a={direction}"]


def _encode(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
