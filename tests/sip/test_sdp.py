"""Session descriptions: what phones send, the rules of offer and answer, edits of relayed ones, rubbish."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.offer_answer import CODECS, AgreedAudio, accept, answer, offer
from magroup.sip.sdp import LARGEST, MOST_FORMATS, MOST_MEDIA, Codec, Direction, SdpError, Session
from magroup.sip.sdp_relay import Origin, audio_endpoint, direction, same_media, with_direction, with_origin
from tests.sip import sdp_samples as samples
from tests.sip.sdp_samples import sdp

PLAIN = sdp("""
    v=0
    o=- 1 1 IN IP4 10.0.0.1
    s=-
    c=IN IP4 10.0.0.1
    t=0 0
    m=audio 4000 RTP/AVP 0
""")


class Reading(SynchronousTestCase):
    """What is understood."""

    def test_phones(self) -> None:
        for name, host, port, rtcp, codecs, way in (
            ("Cisco", "10.1.1.21", 28170, ("10.1.1.21", 28171),
             "OPUS G722 ISAC AMR-WB AMR-WB PCMU PCMA ILBC G729 TELEPHONE-EVENT", "sendrecv"),
            ("Yealink", "192.168.1.105", 11796, ("192.168.1.105", 11797),
             "G722 PCMU PCMA G729 TELEPHONE-EVENT", "sendrecv"),
            ("Snom", "192.168.10.40", 57104, ("192.168.10.40", 57105),
             "G722 PCMA PCMU G726-32 GSM G729 TELEPHONE-EVENT", "sendrecv"),
            ("Snom hold", "192.168.10.40", 57104, ("192.168.10.40", 57105),
             "G722 PCMA PCMU G726-32 GSM G729 TELEPHONE-EVENT", "sendonly"),
            ("Zoiper", "192.168.0.17", 8000, ("192.168.0.17", 8001),
             "OPUS G722 TELEPHONE-EVENT TELEPHONE-EVENT PCMU PCMA GSM", "sendrecv"),
            ("baresip", "127.0.0.11", 21004, ("127.0.0.11", 21005), "PCMU PCMA TELEPHONE-EVENT", "sendrecv"),
            ("linphone", "127.0.0.21", 7078, ("127.0.0.21", 7079),
             "OPUS SPEEX SPEEX PCMU PCMA G729 TELEPHONE-EVENT TELEPHONE-EVENT TELEPHONE-EVENT", "sendrecv"),
            ("browser", "0.0.0.0", 9, ("0.0.0.0", 9), "OPUS PCMU PCMA TELEPHONE-EVENT", "sendonly"),
            ("ICE", "2001:db8::10", 4000, ("2001:db8::11", 4001), "PCMA PCMU TELEPHONE-EVENT", "sendrecv"),
            ("old hold", "0.0.0.0", 9000, ("0.0.0.0", 9001), "PCMA PCMU", "sendonly"),
        ):  # fmt: skip
            for data in (
                samples.ALL[name],
                samples.ALL[name].replace(b"\r\n", b"\n"),
                b"\r\n" + samples.ALL[name][:-2],
            ):
                audio = Session.parse(data).audio
                assert audio
                self.assertEqual((audio.host, audio.port, audio.rtcp), (host, port, rtcp), name)
                self.assertEqual(" ".join(codec.name for codec in audio.codecs), codecs)
                self.assertEqual(direction(data), way, name)
                self.assertEqual(audio_endpoint(data), (host, port, rtcp))

    def test_codecs(self) -> None:
        data = PLAIN.replace(b"AVP 0", b"AVP 18 97 98 0 8 x 300 0") + sdp("""
            a=rtpmap:97 L16/44100/2
            a=fmtp:97 a=1; b=2
            a=rtpmap:8 PCMX/16000
            a=rtpmap:0
            a=rtpmap:18 /8000
            a=fmtp:18 annexb=no
        """)
        audio = Session.parse(data).audio
        assert audio
        self.assertEqual(
            audio.codecs,
            (Codec(18, "G729", 8000, 1, "annexb=no"), Codec(97, "L16", 44100, 2, "a=1; b=2"), Codec(0, "PCMU", 8000),
             Codec(8, "PCMX", 16000)),
        )  # fmt: skip

    def test_directions(self) -> None:
        for session, media, way in (
            ("", "", "sendrecv"), ("a=sendonly", "", "sendonly"), ("a=inactive", "a=recvonly", "recvonly"),
            ("", "a=inactive ", "inactive"), ("c=IN IP4 0.0.0.0", "", "sendonly"),
            ("c=IN IP4 0.0.0.0", "a=recvonly", "inactive"), ("", "c=IN IP6 ::", "sendonly"),
            ("c=IN IP4 0.0.0.0", "c=IN IP4 10.0.0.2", "sendrecv"),
        ):  # fmt: skip
            data = PLAIN.replace(b"c=IN IP4 10.0.0.1\r\n", sdp(session or "c=IN IP4 10.0.0.1")) + sdp(media)
            self.assertEqual(direction(data), way, (session, media))

    def test_of_two_streams_the_first_in_use_counts(self) -> None:
        refused = PLAIN.replace(b"audio 4000", b"audio 0")
        self.assertEqual(direction(refused), "inactive")
        self.assertEqual(direction(refused + b"m=audio 4002 RTP/AVP 0\r\na=recvonly\r\n"), "recvonly")
        self.assertEqual(audio_endpoint(refused + b"m=audio 4002 RTP/AVP 0\r\n").port, 4002)
        self.assertEqual(direction(samples.FAX), "inactive")
        for data in (refused, samples.FAX, PLAIN.replace(b"c=", b"b=")):
            self.assertEqual(self.assertRaises(SdpError, audio_endpoint, data).status, 488)

    def test_addresses(self) -> None:
        for line, host in (
            ("c=IN IP4 224.2.36.42/127", "224.2.36.42"), ("c=IN IP6 FF15::101/3", "FF15::101"),
            ("c=in ip4 pbx.example", "pbx.example"),
            ("c=IN IP6 ::ffff:192.0.2.2", "::ffff:192.0.2.2"),
            ("c=IN IP4 10.0.0.2\r\nc=IN IP4 10.0.0.3", "10.0.0.2"),
        ):  # fmt: skip
            self.assertEqual(audio_endpoint(PLAIN + sdp(line)).host, host)

    def test_rtcp(self) -> None:
        for line, rtcp in (
            ("a=rtcp:5000", ("10.0.0.1", 5000)), ("a=rtcp:5000 IN IP4 10.0.0.9", ("10.0.0.9", 5000)),
            ("a=rtcp:x", ("10.0.0.1", 4001)), ("a=rtcp:99999", ("10.0.0.1", 0)), ("a=rtcp", ("10.0.0.1", 4001)),
        ):  # fmt: skip
            self.assertEqual(audio_endpoint(PLAIN + sdp(line)).rtcp, rtcp)
        self.assertEqual(audio_endpoint(PLAIN.replace(b"4000", b"65535")).rtcp[1], 0)

    def test_rubbish(self) -> None:
        for data in (
            b"", b"\r\n", b"v=1\r\n", b"hello", b"o=- 1 1 IN IP4 1.2.3.4\r\nv=0\r\n",
            PLAIN + b"no line\r\n", PLAIN + b"\0\0\0",
            PLAIN.replace(b"4000", b"65536"), PLAIN.replace(b"4000", b"-1"), PLAIN.replace(b"audio 4000", b"audio"),
            PLAIN.replace(b"AVP 0", b"AVP \xff"), PLAIN.replace(b"IN IP4 10.0.0.1\r\nt", b"IN IP4\r\nt"),
            PLAIN + b"c=IN IP4 10.0.0.1;rm\r\n", PLAIN + b"m=video 1 RTP/AVP 0\r\n" * MOST_MEDIA,
            PLAIN.replace(b"AVP 0", b"AVP" + b" 0" * (MOST_FORMATS + 1)), PLAIN + b"a=x\r\n" * LARGEST,
            PLAIN.replace(b"AVP 0", b"AVP" + b" " * 30000 + "é".encode()),
            PLAIN.replace(b"AVP 0", b"A" * 30000 + b"\xff"),
        ):  # fmt: skip
            self.assertEqual(self.assertRaises(SdpError, Session.parse, data).status, 400, data[:200])

    def test_no_media_is_legal(self) -> None:
        self.assertIsNone(Session.parse(b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n").audio)

    @settings(deadline=None)
    @given(st.binary(max_size=400))
    def test_any_bytes(self, data: bytes) -> None:
        for sent in (
            data,
            b"v=0\r\n" + data,
            PLAIN + data,
            PLAIN.replace(b"audio", data),
            PLAIN.replace(b"AVP 0", data),
        ):
            for ask in (direction, audio_endpoint, lambda given: answer(Session.parse(given), "10.0.0.1", 4000)):
                try:
                    ask(sent)
                except SdpError as error:
                    self.assertIn(error.status, (400, 488))

    @settings(deadline=None)
    @given(st.sampled_from(sorted(samples.ALL)), st.data())
    def test_damaged(self, name: str, data: st.DataObject) -> None:
        whole = samples.ALL[name]
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, len(whole)))
        damaged = whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:]
        try:
            built, agreed = answer(Session.parse(damaged), "10.0.0.1", 4000)
        except SdpError:
            return
        self.assert_answers(Session.parse(damaged), Session.parse(built), agreed)

    def assert_answers(self, asked: Session, given: Session, agreed: AgreedAudio) -> None:
        self.assertEqual([media.kind for media in asked.media], [media.kind for media in given.media])
        self.assertEqual([media.protocol for media in asked.media], [media.protocol for media in given.media])
        (taken,) = [number for number, media in enumerate(given.media) if media.port]
        audio = given.media[taken]
        offered = asked.media[taken]
        self.assertEqual(agreed.codec, audio.codecs[0].name)
        self.assertLessEqual({codec.payload for codec in audio.codecs}, {codec.payload for codec in offered.codecs})
        self.assertEqual(audio.direction.within(offered.direction.reversed), audio.direction)


class Directions(SynchronousTestCase):
    """The algebra of RFC 3264 section 6.1."""

    def test_reversed(self) -> None:
        pairs = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
        self.assertEqual({way: way.reversed for way in Direction}, pairs)

    def test_within(self) -> None:
        for one in Direction:
            self.assertEqual(one.within(Direction.SENDRECV), one)
            self.assertEqual(one.within(one), one)
            self.assertEqual(one.within(Direction.INACTIVE), "inactive")
        self.assertEqual(Direction.SENDONLY.within(Direction.RECVONLY), "inactive")


class Answering(SynchronousTestCase):
    """Answers for announcements."""

    def answer(self, data: bytes, **how: object) -> tuple[list[str], AgreedAudio]:
        built, agreed = answer(Session.parse(data), "10.9.9.9", 16384, **how)  # type: ignore[arg-type]
        return built.decode().removesuffix("\r\n").split("\r\n"), agreed

    def test_whole(self) -> None:
        lines, agreed = self.answer(samples.YEALINK)
        self.assertEqual(
            lines,
            ["v=0", "o=- 1 1 IN IP4 10.9.9.9", "s=-", "c=IN IP4 10.9.9.9", "t=0 0", "m=audio 16384 RTP/AVP 9 101",
             "a=rtpmap:9 G722/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20",
             "a=sendrecv"],
        )  # fmt: skip
        self.assertEqual(
            agreed,
            AgreedAudio(
                "G722", 9, 9, 101, 101, "192.168.1.105", 11796, ("192.168.1.105", 11797), False, Direction.SENDRECV
            ),
        )

    def test_phones(self) -> None:
        for name, media, codec, dtmf, mux in (
            ("Cisco", ["audio 16384 RTP/AVP 9 101", "video 0 RTP/AVP 126 97"], "G722", 101, False),
            ("Snom", ["audio 16384 RTP/AVP 9 101"], "G722", 101, False),
            ("Zoiper", ["audio 16384 RTP/AVP 9 101"], "G722", 101, True),
            ("baresip", ["audio 16384 RTP/AVP 0 101"], "PCMU", 101, False),
            ("linphone", ["audio 16384 RTP/AVPF 0 100"], "PCMU", 100, False),
            ("ICE", ["audio 16384 RTP/AVP 8 96", "video 0 RTP/AVP 97"], "PCMA", 96, False),
            ("SRTP or plain", ["audio 0 RTP/SAVP 0", "audio 16384 RTP/AVP 0"], "PCMU", None, False),
            ("old hold", ["audio 16384 RTP/AVP 8"], "PCMA", None, False),
        ):  # fmt: skip
            lines, agreed = self.answer(samples.ALL[name])
            self.assertEqual([line[2:] for line in lines if line.startswith("m=")], media, name)
            self.assertEqual((agreed.codec, agreed.dtmf, agreed.rtcp_mux), (codec, dtmf, mux), name)
            self.assertEqual("a=rtcp-mux" in lines, mux)
            if mux:
                self.assertEqual(agreed.rtcp, (agreed.host, agreed.port))

    def test_only_codecs_asked_for(self) -> None:
        for codecs, taken in ((["PCMA"], "PCMA"), (["PCMU", "PCMA"], "PCMU"), (["PCMA", "PCMU"], "PCMU")):
            self.assertEqual(self.answer(samples.YEALINK, codecs=codecs)[1].codec, taken)

    def test_odd_codecs(self) -> None:
        wide = PLAIN.replace(b"AVP 0", b"AVP 98 9") + b"a=rtpmap:98 g722/16000\r\n"
        lines, agreed = self.answer(wide)
        self.assertEqual((agreed.codec, agreed.payload), ("G722", 98))
        self.assertIn("a=rtpmap:98 G722/16000", lines)
        for line in (b"PCMU/16000", b"PCMU/8000/2"):
            data = PLAIN.replace(b"AVP 0", b"AVP 97") + b"a=rtpmap:97 " + line + b"\r\n"
            self.assertRaises(SdpError, self.answer, data)

    def test_directions(self) -> None:
        for ours, offered, answered in (
            ("sendrecv", "sendrecv", "sendrecv"), ("sendrecv", "sendonly", "recvonly"),
            ("sendrecv", "recvonly", "sendonly"), ("sendrecv", "inactive", "inactive"),
            ("sendonly", "sendrecv", "sendonly"), ("sendonly", "sendonly", "inactive"),
            ("sendonly", "recvonly", "sendonly"), ("inactive", "sendrecv", "inactive"),
        ):  # fmt: skip
            lines, agreed = self.answer(with_direction(PLAIN, Direction(offered)), direction=Direction(ours))
            self.assertEqual((lines[-1], agreed.direction), (f"a={answered}", answered), (ours, offered))

    def test_refused(self) -> None:
        for data, warning in (
            (samples.BROWSER, 302), (samples.FAX, 304), (PLAIN.replace(b"AVP 0", b"AVP 18 4"), 305),
            (PLAIN.replace(b"audio 4000", b"audio 0"), 304), (b"v=0\r\n", 304),
            (PLAIN.replace(b"RTP/AVP", b"RTP/SAVP"), 302),
            (PLAIN.replace(b"RTP/AVP", b"RTP/SAVP") + b"m=audio 4002 RTP/AVP 18\r\n", 305),
            (PLAIN.replace(b"AVP 0", b"AVP 18") + b"m=audio 4002 RTP/SAVP 0\r\n", 305),
            (PLAIN.replace(b"c=IN IP4 10.0.0.1\r\n", b""), 301), (PLAIN + b"c=IN IP4 pbx.example\r\n", 301),
            (PLAIN + b"c=IN IP4 224.2.36.42/127\r\n", 301), (PLAIN + b"c=IN IP4 255.255.255.255\r\n", 301),
            (PLAIN + b"c=IN IP6 ff15::101\r\n", 301),
        ):  # fmt: skip
            error = self.assertRaises(SdpError, self.answer, data)
            self.assertEqual(error.status, 488)
            self.assertEqual(error.headers["Warning"], f'{warning} magroup "{error.reason}"')

    def test_ipv6(self) -> None:
        built, _ = answer(Session.parse(samples.ICE), "2001:db8::1", 4000)
        self.assertIn(b"\r\nc=IN IP6 2001:db8::1\r\n", built)
        self.assertIn(b"\r\no=- 1 1 IN IP6 2001:db8::1\r\n", built)

    def test_refused_streams_keep_their_place(self) -> None:
        data = PLAIN + b"m=application 5000 TCP/MRCPv2 1\r\nm=audio 5002 RTP/AVP 0\r\nm=video 0 RTP/AVP\r\n"
        lines, _ = self.answer(data)
        self.assertEqual(
            [line[2:] for line in lines if line.startswith("m=")],
            ["audio 16384 RTP/AVP 0", "application 0 TCP/MRCPv2 1", "audio 0 RTP/AVP 0", "video 0 RTP/AVP 0"],
        )


class Offering(SynchronousTestCase):
    """Offers of our own, and what the answers to them mean."""

    def test_whole(self) -> None:
        self.assertEqual(
            offer("10.9.9.9", 16384, ["PCMA", "G722"], Direction.SENDONLY, 96).decode().split("\r\n"),
            ["v=0", "o=- 1 1 IN IP4 10.9.9.9", "s=-", "c=IN IP4 10.9.9.9", "t=0 0", "m=audio 16384 RTP/AVP 8 9 96",
             "a=rtpmap:8 PCMA/8000", "a=rtpmap:9 G722/8000", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15",
             "a=ptime:20", "a=sendonly", ""],
        )  # fmt: skip
        self.assertNotIn(b"telephone-event", offer("10.9.9.9", 16384, dtmf=None))

    @settings(deadline=None)
    @given(
        st.permutations(CODECS), st.permutations(CODECS), st.sampled_from(Direction), st.sampled_from(Direction),
        st.one_of(st.none(), st.integers(96, 127)),
    )  # fmt: skip
    def test_our_answer_to_our_offer(
        self, ours: list[str], theirs: list[str], mine: Direction, other: Direction, dtmf: int | None
    ) -> None:
        offered = ours[:2]
        asked = offer("10.0.0.1", 4000, offered, mine, dtmf)
        try:
            built, theirs_agreed = answer(Session.parse(asked), "10.0.0.2", 5000, theirs[:1], other)
        except SdpError:
            self.assertNotIn(theirs[0], offered)
            return
        agreed = accept(Session.parse(built), offered, mine, dtmf)
        self.assertEqual((agreed.codec, agreed.host, agreed.port), (theirs_agreed.codec, "10.0.0.2", 5000))
        self.assertEqual(agreed.direction, theirs_agreed.direction.reversed)
        self.assertEqual((agreed.dtmf, agreed.receives_dtmf), (dtmf, dtmf))

    def test_payload_types_of_the_other_side(self) -> None:
        answered = PLAIN.replace(b"AVP 0", b"AVP 100 96") + sdp("""
            a=rtpmap:96 telephone-event/8000
            a=rtpmap:100 PCMA/8000
        """)
        agreed = accept(Session.parse(answered))
        self.assertEqual((agreed.payload, agreed.receives, agreed.dtmf, agreed.receives_dtmf), (100, 8, 96, 101))
        agreed = accept(Session.parse(PLAIN))
        self.assertEqual((agreed.dtmf, agreed.receives_dtmf), (None, None))

    def test_refused(self) -> None:
        for data, warning in (
            (PLAIN.replace(b"audio 4000", b"audio 0"), 304), (samples.FAX, 304), (b"v=0\r\n", 304),
            (PLAIN.replace(b"AVP 0", b"AVP 18"), 305), (samples.BROWSER, 302), (PLAIN + b"c=IN IP4 224.0.0.1\r\n", 301),
        ):  # fmt: skip
            error = self.assertRaises(SdpError, accept, Session.parse(data))
            self.assertEqual((error.status, str(error.headers["Warning"])[:3]), (488, str(warning)))


class Relaying(SynchronousTestCase):
    """Edits of descriptions that are passed on."""

    def test_origin(self) -> None:
        for data in samples.ALL.values():
            changed = with_origin(data, 12, 34, "10.9.9.9")
            before, after = data.splitlines(), changed.splitlines()
            self.assertEqual([line for line in after if line not in before], [b"o=- 12 34 IN IP4 10.9.9.9"])
            self.assertEqual((len(before), before[0], before[2:]), (len(after), after[0], after[2:]))
            self.assertEqual(with_origin(changed, 12, 34, "10.9.9.9"), changed)
        self.assertIn(b"o=- 1 2 IN IP6 ::1\r\n", with_origin(PLAIN, 1, 2, "::1"))

    def test_missing_origin_is_added(self) -> None:
        for data in (b"v=0\r\ns=-\r\n", b"v=0\ns=-\r\n"):
            self.assertEqual(with_origin(data, 1, 2, "10.0.0.1"), b"v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=-\r\n")
        self.assertEqual(with_origin(b"rubbish", 1, 2, "10.0.0.1"), b"rubbish")

    def test_same_media(self) -> None:
        for data in samples.ALL.values():
            self.assertTrue(same_media(data, data))
            self.assertTrue(same_media(data, with_origin(data, 7, 8, "10.0.0.1")))
            self.assertFalse(same_media(data, data + b"a=x\r\n"))
        self.assertFalse(same_media(samples.SNOM, samples.SNOM_HOLD))

    def test_versions_grow_with_changes(self) -> None:
        origin = Origin(100, "10.9.9.9")
        sent = [
            origin.stamp(data)
            for data in (samples.SNOM, samples.SNOM, samples.SNOM_HOLD, samples.SNOM_HOLD, samples.SNOM)
        ]
        self.assertEqual(
            [data.splitlines()[1].decode() for data in sent],
            [f"o=- 100 {version} IN IP4 10.9.9.9" for version in (100, 100, 101, 101, 102)],
        )

    def test_direction(self) -> None:
        for data in samples.ALL.values():
            for way in Direction:
                changed = with_direction(data, way)
                self.assertEqual(changed.count(f"\r\na={way}\r\n".encode()), data.count(b"\r\nm="))
                audio = Session.parse(data).audio
                if audio and audio.host != "0.0.0.0":
                    self.assertEqual(direction(changed), way)
                self.assertEqual(with_direction(with_direction(changed, Direction.INACTIVE), way), changed)

    def test_direction_of_the_session_is_replaced(self) -> None:
        data = PLAIN.replace(b"t=0 0\r\n", b"t=0 0\r\na=inactive\r\n")[:-2]
        self.assertEqual(with_direction(data, Direction.SENDONLY), PLAIN + b"a=sendonly\r\n")

    @settings(deadline=None)
    @given(st.binary(max_size=300), st.sampled_from(Direction))
    def test_any_bytes(self, data: bytes, way: Direction) -> None:
        for sent in (data, PLAIN + data):
            changed = with_direction(with_origin(sent, 1, 2, "10.0.0.1"), way)
            self.assertEqual(with_direction(with_origin(changed, 1, 2, "10.0.0.1"), way), changed)
