"""RTCP: layout, back and forth, hostile input."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp import rtcp
from magroup.rtp.rtcp import Goodbye, ReceiverReport, Reception, SenderReport, SourceDescription

U8, U32, U64 = st.integers(0, 0xFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFFFFFFFFFF)
RECEPTIONS = st.lists(
    st.builds(Reception, U32, U8, st.integers(-0x800000, 0x7FFFFF), U32, U32, U32, U32), max_size=31
).map(tuple)
REPORTS = st.one_of(
    st.builds(SenderReport, U32, U64, U32, U32, U32, RECEPTIONS),
    st.builds(ReceiverReport, U32, RECEPTIONS),
    st.builds(SourceDescription, U32, st.text(max_size=60)),
    st.builds(Goodbye, st.lists(U32, min_size=1, max_size=31).map(tuple)),
)


class RtcpTests(SynchronousTestCase):
    def test_layout(self) -> None:
        report = SenderReport(1, 0x0203040506070809, 10, 11, 12, (Reception(13, 14, -1, 15, 16, 17, 18),))
        expected = (
            "81c8000c 00000001 0203040506070809 0000000a 0000000b 0000000c"
            "0000000d 0effffff 0000000f 00000010 00000011 00000012"
            "81ca0003 00000001 0105 6d6167726f 00"
            "81cb0001 00000001"
        )
        expected = bytes.fromhex(expected)
        compound = [report, SourceDescription(1, "magro"), Goodbye((1,))]
        self.assertEqual(rtcp.pack(compound), expected)
        self.assertEqual(rtcp.unpack(expected), compound)

    @settings(deadline=None)
    @given(st.lists(REPORTS, max_size=5))
    def test_back(self, reports: list[rtcp.Report]) -> None:
        data = rtcp.pack(reports)
        self.assertEqual(len(data) % 4, 0)
        self.assertEqual(rtcp.unpack(data), reports)

    def test_more_lost_than_fits(self) -> None:
        for lost, told in ((10**9, 0x7FFFFF), (-(10**9), -0x800000)):
            (back,) = rtcp.unpack(rtcp.pack([ReceiverReport(1, (Reception(2, 0, lost, 0, 0, 0, 0),))]))
            self.assertEqual(back, ReceiverReport(1, (Reception(2, 0, told, 0, 0, 0, 0),)))

    def test_malformed_ends_the_compound(self) -> None:
        good = rtcp.pack([ReceiverReport(1)])
        for name, bad in {
            "too long": bytes.fromhex("80c90009 00000001"),
            "version": bytes.fromhex("40c90001 00000001"),
            "padding too long": bytes.fromhex("a0c90001 000000ff"),
            "padding of none": bytes.fromhex("a0c90001 00000000"),
            "half a header": b"\x80\xc9",
        }.items():
            self.assertEqual(rtcp.unpack(good + bad + good), [ReceiverReport(1)], name)

    def test_passed_over(self) -> None:
        """Kinds that are not known (here XR and APP) and counts that the length does not bear."""
        good = rtcp.pack([ReceiverReport(1)])
        for other in ("80cf0001 00000001", "80cc0002 00000001 6d616772", "82c90001 00000001", "85cb0001 00000001"):
            self.assertEqual(rtcp.unpack(bytes.fromhex(other) + good), [ReceiverReport(1)], other)

    def test_padding(self) -> None:
        padded = bytes.fromhex("a0c90002 00000001 00000004")
        self.assertEqual(rtcp.unpack(padded), [ReceiverReport(1)])

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        for report in rtcp.unpack(data):
            self.assertIsInstance(report, SenderReport | ReceiverReport | SourceDescription | Goodbye)

    @settings(deadline=None)
    @given(st.lists(REPORTS, min_size=1, max_size=3), st.data())
    def test_cut_short(self, reports: list[rtcp.Report], data: st.DataObject) -> None:
        whole = rtcp.pack(reports)
        length = data.draw(st.integers(0, len(whole) - 1))
        self.assertEqual(rtcp.unpack(whole[:length]), reports[: len(rtcp.unpack(whole[:length]))])
        self.assertLess(len(rtcp.unpack(whole[:length])), len(reports))

    def test_ntp(self) -> None:
        self.assertEqual(rtcp.ntp_time(0.5), (2208988800 << 32) + (1 << 31))
