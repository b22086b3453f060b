"""Where an Asterisk is, as the setting says it."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.pbx import AmiPlace


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
