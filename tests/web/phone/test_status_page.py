"""The page with the status picture: what each model gets, who shares a picture, and who gets none."""

from io import BytesIO
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from magroup.groups.editing import Editing, edits
from magroup.model.configuration import Configuration
from magroup.model.lines import Phone
from magroup.model.presence import Presence
from magroup.web.phone.pages import PhonePages
from tests.web.phone.server import PhoneCase, Shown

RAFAEL, ARADHANA, MARIA = "SEP000000001175", "SEP000000001068", "SEP000000001071"


class StatusPageTests(PhoneCase):
    def phone_pages(self, editing: Editing) -> PhonePages:
        self.editing = editing
        return super().phone_pages(editing)

    async def picture(self, shown: Shown) -> Image.Image:
        """The picture of a page, as the phone loads it after it."""
        loaded = await self.load(shown.root.findtext("URL"))
        self.assertEqual((loaded.code, loaded.headers["content-type"]), (200, "image/png"))
        image = Image.open(BytesIO(loaded.body))
        image.load()
        return image

    async def show_group(self, number: str, group: int) -> None:
        def edit(configuration: Configuration) -> Configuration:
            return edits.change_line(configuration, self.editing.rules, number, {"displayed_group": group})

        await self.editing.edit(edit, "admin", "")

    async def test_each_model(self) -> None:
        for model, kind, size, mode in (
            ("CP-8845", "CiscoIPPhoneImageFile", (559, 265), None),
            ("CP-7945G", "CiscoIPPhoneImageFile", (320, 156), "Wide"),
            ("CP-9971", "CiscoIPPhoneGraphicFileMenu", (498, 289), None),
        ):
            shown = await self.page("display", model=model)
            self.assertEqual((shown.kind, shown.title, shown.root.get("WindowMode")), (kind, "Accounting", mode))
            self.assertEqual(shown.headers["refresh"], "30")
            self.assertEqual(set(shown.keys), {"Menu", "Update", "Exit"})
            self.assertEqual((await self.picture(shown)).size, size)

    async def test_what_the_phone_says_of_its_display(self) -> None:
        url = f"http://{self.host}/phone/display?device={RAFAEL}"
        shown = await self.load(url, **{"x-CiscoIPPhoneDisplay": "559, 313, 24, C"})
        self.assertEqual((await self.picture(shown)).size, (559, 313))

    async def test_members_can_be_touched(self) -> None:
        shown = await self.page("display", model="CP-9971")
        self.assertEqual(list(shown.items), ["Mar", "Raf", "Ara", "Léo"])
        asked = [parse_qs(urlsplit(url).query) for url in shown.items.values()]
        self.assertEqual([one["member"] for one in asked], [["72"], ["198"], ["102"], ["103"]])
        self.assertEqual({one["device"][0] for one in asked}, {RAFAEL})
        areas = [item.find("TouchArea") for item in shown.root.findall("MenuItem")]
        self.assertTrue(all(int(area.get("X2")) < 498 and int(area.get("Y2")) < 289 for area in areas))

    async def test_one_picture_for_all_who_show_the_same_until_something_changes(self) -> None:
        mine, theirs = await self.page("display"), await self.page("display", ARADHANA)
        other_model = await self.page("display", ARADHANA, "CP-9971")
        url = mine.root.findtext("URL")
        self.assertEqual(theirs.root.findtext("URL"), url)
        self.assertNotEqual(other_model.root.findtext("URL"), url)
        self.presence.set("Maria.Rossi", Presence.DND)
        changed = (await self.page("display")).root.findtext("URL")
        self.assertNotEqual(changed, url)
        self.presence.set("Maria.Rossi", Presence.AVAILABLE)
        self.assertEqual((await self.page("display")).root.findtext("URL"), url)

    async def test_a_group_that_changes(self) -> None:
        url = (await self.page("display")).root.findtext("URL")
        await self.show_group("1175", 0)
        closed = await self.page("display")
        self.assertEqual(closed.kind, "CiscoIPPhoneExecute")
        self.assertEqual([item.get("URL") for item in closed.root], ["Init:Services"])
        await self.show_group("1175", 45)
        self.assertEqual((await self.page("display")).root.findtext("URL"), url)

    async def test_no_group(self) -> None:
        self.assertEqual((await self.page("display", MARIA)).kind, "CiscoIPPhoneExecute")

    async def test_a_group_that_may_not_be_seen(self) -> None:
        await self.show_group("1175", 64)
        self.assertEqual((await self.page("display")).kind, "CiscoIPPhoneExecute")

    async def test_no_pictures(self) -> None:
        shown = await self.page("display", model="CP-7841")
        self.assertEqual((shown.kind, shown.text), ("CiscoIPPhoneText", "This phone shows no pictures."))

    async def test_pictures_are_for_those_who_know_their_names(self) -> None:
        shown = await self.page("display")
        url = shown.root.findtext("URL")
        self.assertNotIn(RAFAEL, url)
        for other in ("0" * 24, "x", "%2e%2e%2f", "SEP000000001175", "A" * 3000):
            self.assertEqual((await self.load(f"http://{self.host}/phone/picture/{other}.png")).code, 404)
        self.assertEqual((await self.load(url.removesuffix(".png"))).code, 404)

    async def test_an_unknown_phone(self) -> None:
        shown = await self.page("display", "SEP0000000000AA")
        self.assertEqual((shown.kind, shown.title), ("CiscoIPPhoneText", "Not possible"))

    async def test_a_phone_without_lines(self) -> None:
        phones = (*self.current.value.phones, Phone("SEP000000000001", "CP-8845", (), "127.0.0.1"))
        await self.editing.edit(lambda configuration: configuration.changed(phones=phones), "admin", "")
        self.assertEqual((await self.page("display", "SEP000000000001")).title, "Not possible")
