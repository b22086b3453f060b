"""Where a PBX is, as the setting says it."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.pbx import AmiPlace, CstaPlace


class PlaceTests(SynchronousTestCase):
    def test_table(self) -> None:
        for text, expected in {
            "ami:tcp:host=pbx.example.com:port=5038": AmiPlace("pbx.example.com", 5038),
            "ami:tcp:host=10.0.0.9": AmiPlace("10.0.0.9", 5038),
            "ami:tls:host=pbx": AmiPlace("pbx", 5039, True),
            "ami:tls:port=5040:host=pbx": AmiPlace("pbx", 5040, True),
            "ami:tcp:host=[2001:db8::9]:port=5039": AmiPlace("2001:db8::9", 5039),
            "ami:tcp:host=[2001:db8::9]": AmiPlace("2001:db8::9", 5038),
        }.items():
            self.assertEqual(AmiPlace.parse(text), expected)

    def test_csta(self) -> None:
        for text, expected in {
            "csta:tcp:host=pbx.example.com:port=1040": CstaPlace("pbx.example.com", 1040),
            "csta:ssl:port=8883:host=10.0.0.9": CstaPlace("10.0.0.9", 8883, True),
            "csta:ssl:host=[2001:db8::9]:port=1040": CstaPlace("2001:db8::9", 1040, True),
        }.items():
            self.assertEqual(CstaPlace.parse(text), expected)
        for wrong in ("csta:pbx:1040", "csta:tls:host=pbx:port=1", "csta:tcp:host=pbx", "ami:tcp:host=pbx:port=1"):
            with self.assertRaises(ValueError):
                CstaPlace.parse(wrong)
