"""What is known of models, by the many ways in which they are named."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.phone.models import MODELS, PLAIN, Size, model_of


class ModelTests(SynchronousTestCase):
    def test_names(self) -> None:
        for text, name in {
            "CP-7945G": "7945", "Cisco 7975": "7975", "CP-7971G-GE": "7971", "CP-8845": "8845", "8851nr": "8851NR",
            "CP-8865NR-K9": "8865NR", "Cisco IP Communicator": "CIPC", "CIPC": "CIPC", "CP-9971": "9971",
            "CP-8845NR": "8845", "CP-7841": "7841",
        }.items():  # fmt: skip
            self.assertEqual(model_of(text).name, name, text)
        for text in ("", "Yealink T46", "CP-1234", "x" * 10_000):
            self.assertIs(model_of(text), PLAIN)

    def test_the_tiles_of_the_manual(self) -> None:
        for name in ("7945", "7965", "7970", "7971", "7975", "CIPC"):
            self.assertEqual((MODELS[name].rows, MODELS[name].columns, MODELS[name].most_tiles), (3, 6, 18))
        for name in (
            "8841", "8845", "8851", "8851NR", "8861", "8865", "8865NR", "8941", "8945",
            "8961", "9951", "9971",
        ):
            self.assertEqual((MODELS[name].rows, MODELS[name].columns, MODELS[name].most_tiles), (4, 6, 24))

    def test_what_the_phone_says_goes_before_the_table(self) -> None:
        model = model_of("CP-8845", "559, 313, 24, C")
        self.assertEqual((model.picture, model.depth), (Size(559, 313), 24))
        grey = model_of("CP-7942G", "298,144,3,G")
        self.assertEqual((grey.picture, grey.wide), (Size(298, 144), Size(320, 144)))
        self.assertEqual((grey.depth, grey.is_colour), (3, False))
        self.assertIsNone(model_of("CP-7945G", "298,168,16,C").wide)

    def test_nonsense_about_the_display(self) -> None:
        for text in ("1,1,1,C", "99999,1,1,C", "298,156", "a,b,c,d", "0,0,0,G", "9000,9000,24,C", "٢٩٨,156,16,C"):
            self.assertEqual(model_of("CP-7945G", text), MODELS["7945"], text)
        self.assertEqual(model_of("CP-7841", "396,162,1,G"), MODELS["7841"])

    @given(st.text(), st.text())
    def test_it_never_fails(self, name: str, display: str) -> None:
        model_of(name, display)
