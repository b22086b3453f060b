"""The sample of each object: taken, or refused for the reason that the Development Notes give."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.simulated_phone import MODELS, Page, Refusal, Rule, read_page, read_pushed
from tests.cli.simulated_phone.kit import SAMPLES, XML

ALL = ("7945", "7975", "8845", "8865", "9971", "7841")
ASKED = {
    "graphicfilemenu": {"7841": Rule.OBJECT},
    "imagefile": {"7841": Rule.OBJECT},
    "menu": {"7841": Rule.URI},
    "response": dict.fromkeys(ALL, Rule.OBJECT),
    "setbackground": dict.fromkeys(ALL, Rule.OBJECT),
    "status": {**dict.fromkeys(ALL, Rule.PUSH_ONLY), "7841": Rule.OBJECT, "9971": Rule.OBJECT},
    "statusfile": {**dict.fromkeys(ALL, Rule.PUSH_ONLY), "7841": Rule.OBJECT, "9971": Rule.OBJECT},
}
"""What is refused to whom; all the rest is taken."""


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


def asked(name: str, model: str = "8845") -> Page:
    return read_page(sample(name), XML, MODELS[model])


class Samples(SynchronousTestCase):
    """Read by each model."""

    def test_asked_for(self) -> None:
        names = sorted(file.stem for file in SAMPLES.glob("*.xml"))
        self.assertEqual(len(names), 16)
        for name in names:
            for model in ALL:
                rule = ASKED.get(name, {}).get(model)
                if rule is None:
                    asked(name, model)
                else:
                    self.assertIs(self.assertRaises(Refusal, asked, name, model).rule, rule, (name, model))

    def test_pushed(self) -> None:
        for name in ("status", "statusfile"):
            for model in ("7945", "7975", "8845", "8865"):
                self.assertEqual(read_pushed(sample(name), MODELS[model]).kind.lower(), name)
            for model in ("9971", "7841"):
                refusal = self.assertRaises(Refusal, read_pushed, sample(name), MODELS[model])
                self.assertIs(refusal.rule, Rule.OBJECT)
                self.assertTrue(str(refusal).startswith("XML Error[5]: "), refusal)

    def test_what_they_say(self) -> None:
        menu = asked("menu")
        self.assertEqual((menu.title, menu.prompt), ("Managers", "Choose a manager"))
        self.assertEqual([key.name for key in menu.softkeys], ["Select", "Divert", "Exit"])
        self.assertEqual(menu.items[1].name, "Olga Ivanova - on a call")
        self.assertEqual(menu.app_id, "Acme/Assistant")
        form = asked("input")
        self.assertEqual([(one.parameter, one.kind, one.is_hidden) for one in form.fields],
                         [("user", "T", False), ("pin", "N", True)])  # fmt: skip
        self.assertEqual(form.fields[0].default, "2017")
        self.assertEqual(asked("directory").entries[0], ("Berg, Anna", "2017"))
        self.assertTrue(asked("imagefile").is_wide)
        self.assertEqual(asked("imagefile").location, (-1, -1))
        self.assertEqual(asked("graphicfilemenu", "9971").items[0].touch, (0, 0, 98, 41))
        self.assertEqual(asked("iconfilemenu").icons[2], "Resource:Icon.InUse")
        self.assertEqual([one.priority for one in asked("execute").executions], [0, 1])
        self.assertEqual(asked("error").error, 4)
        self.assertEqual(asked("text").text, "Please move the 14:00 meeting.")
