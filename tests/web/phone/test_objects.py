"""The XML objects: valid against Cisco's schema, never over a limit, softkeys where each model wants them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.phone import objects as o
from magroup.web.phone.models import MODELS, PLAIN
from magroup.web.phone.rendering import rendered
from tests.web.phone.server import check_schema

OLD, NEW, SIMPLE, TOUCHED = MODELS["7945"], MODELS["8845"], MODELS["7841"], MODELS["9971"]
KEYS = (
    o.SoftKey("Exit", "Init:Services", o.Place.EXIT),
    o.SoftKey("Back", "SoftKey:Back", o.Place.BACK),
    o.SoftKey("Update", "SoftKey:Update"),
    o.SoftKey("Select", "SoftKey:Select", o.Place.ACT),
)
ITEMS = (o.Item("Anna", "http://h/a?x=1&y=2", 0), o.Item("<Olga> & Co", "http://h/b", 1))
URL = "http://h/picture.png"

THINGS: dict[str, o.PhoneObject] = {
    "menu": o.Menu("Managers", "Choose", KEYS, ITEMS),
    "icon menu": o.Menu("Managers", "Choose", KEYS, ITEMS, ("http://h/0.png", "http://h/1.png")),
    "text": o.Text("Message", "", KEYS[:2], "one\ntwo <three> & \x00 four"),
    "input": o.Input(
        "Log in", "", KEYS[:3], "http://h/in",
        (
            o.InputItem("Number", "n", o.InputFlags.TELEPHONE, "2017"),
            o.InputItem("PIN", "p", o.InputFlags.NUMERIC_PASSWORD),
        ),
    ),
    "picture": o.Picture("Status", "", KEYS[:2], URL, wide=True),
    "touched": o.Picture("Status", "", (), URL, (o.TouchItem("Anna", "http://h/a", 0, 0, 98, 41),)),
    "strip": o.StatusStrip(URL, "2 calls"),
    "strip without text": o.StatusStrip(URL),
    "execute": o.Execute((("Play:Chime.raw", 0), ("http://h/x", 2))),
}  # fmt: skip


def root(thing: o.PhoneObject, model: Any = NEW) -> Any:
    return etree.fromstring(rendered(thing, model))


def keys(thing: o.PhoneObject, model: Any) -> dict[str, str]:
    """Names by position."""
    return {key.findtext("Position"): key.findtext("Name") for key in root(thing, model).findall("SoftKeyItem")}


class ObjectTests(SynchronousTestCase):
    def test_all_are_valid_on_all_models(self) -> None:
        for what, thing in THINGS.items():
            for model in (*MODELS.values(), PLAIN):
                with self.subTest(what=what, model=model.name):
                    check_schema(rendered(thing, model))

    def test_the_encoding_is_declared(self) -> None:
        self.assertTrue(rendered(o.Text("Šarić"), NEW).startswith(b"<?xml version='1.0' encoding='utf-8'?>"))
        self.assertIn("Šarić".encode(), rendered(o.Text("Šarić"), NEW))

    def test_softkeys_come_last(self) -> None:
        self.assertEqual([child.tag for child in root(THINGS["text"])], ["Title", "Text", "SoftKeyItem", "SoftKeyItem"])

    def test_places_of_softkeys(self) -> None:
        self.assertEqual(keys(THINGS["menu"], OLD), {"1": "Select", "2": "Update", "3": "Exit", "4": "Back"})
        self.assertEqual(keys(THINGS["menu"], NEW), {"1": "Exit", "2": "Select", "3": "Update", "4": "Back"})
        self.assertEqual(keys(THINGS["text"], OLD), {"3": "Exit", "4": "Back"})
        self.assertEqual(keys(THINGS["text"], NEW), {"1": "Exit", "2": "Back"})
        two = o.Text("T", "", (*KEYS, o.SoftKey("More", "SoftKey:Next")))
        self.assertEqual(keys(two, OLD), {"1": "Select", "2": "Update", "3": "More", "4": "Exit", "5": "Back"})

    def test_prompts_are_for_old_models(self) -> None:
        self.assertEqual(root(THINGS["menu"], OLD).findtext("Prompt"), "Choose")
        self.assertIsNone(root(THINGS["menu"], NEW).findtext("Prompt"))

    def test_icons_only_where_they_can_be_seen(self) -> None:
        for model, kind in ((OLD, "IconFileMenu"), (NEW, "IconFileMenu"), (SIMPLE, "Menu"), (PLAIN, "Menu")):
            shown = root(THINGS["icon menu"], model)
            self.assertEqual(shown.tag, f"CiscoIPPhone{kind}")
            self.assertEqual(len(shown.findall(".//IconIndex")), 2 if kind == "IconFileMenu" else 0)

    def test_touch_areas_only_where_they_can_be_touched(self) -> None:
        self.assertEqual(root(THINGS["touched"], TOUCHED).tag, "CiscoIPPhoneGraphicFileMenu")
        self.assertEqual(root(THINGS["touched"], NEW).tag, "CiscoIPPhoneImageFile")

    def test_a_wide_window(self) -> None:
        self.assertEqual(root(THINGS["picture"], OLD).get("WindowMode"), "Wide")

    def test_what_is_over_a_limit_cannot_be_made(self) -> None:
        item, key, field = o.Item("a", "http://h/"), KEYS[0], o.InputItem("a", "a")
        area = o.TouchItem("a", "http://h/", 0, 0, 1, 1)
        for what, make in {
            "items": lambda: o.Menu("t", items=[item] * 101),
            "items with icons": lambda: o.Menu("t", items=[item] * 33, icons=["http://h/"]),
            "icons": lambda: o.Menu("t", icons=["http://h/"] * 11),
            "softkeys": lambda: o.Text("t", keys=[key] * 9),
            "fields": lambda: o.Input("t", url="http://h/", items=[field] * 6),
            "areas": lambda: o.Picture("t", url="http://h/", areas=[area] * 33),
            "executed": lambda: o.Execute([("Play:a.raw", 0)] * 4),
            "two pages": lambda: o.Execute([("http://h/a", 0), ("https://h/b", 0)]),
            "priority": lambda: o.Execute([("http://h/a", 3)]),
            "long URL": lambda: o.Item("a", "http://h/" + "a" * 248),
            "no URL": lambda: o.SoftKey("a", ""),
            "no name": lambda: o.InputItem("a", ""),
            "long name": lambda: o.InputItem("a", "a" * 33),
        }.items():
            with self.subTest(what):
                self.assertRaises(ValueError, make)

    @given(st.text(max_size=5000), st.text(max_size=200), st.text(max_size=100))
    def test_any_text_becomes_a_valid_page(self, text: str, name: str, title: str) -> None:
        for model in (OLD, NEW, SIMPLE):
            check_schema(rendered(o.Text(title, name, KEYS, text), model))
            check_schema(rendered(o.Menu(title, name, KEYS, [o.Item(name, "http://h/")]), model))
            form = o.Input(title, name, (), "http://h/", [o.InputItem(name, "n", value=text)])
            check_schema(rendered(form, model))

    def test_long_texts_are_cut(self) -> None:
        self.assertEqual(o.fitted("Wolfeschlegelsteinhausenbergerdorff", 12), "Wolfeschleg…")
        self.assertEqual(o.fitted(" a\nb\tc\x07 ", 12), "a b c")
        self.assertEqual(o.fitted_lines("a \n b", 12), "a\nb")
        self.assertEqual(o.fitted_lines("aaa\nbbb", 5), "aaa\n…")
