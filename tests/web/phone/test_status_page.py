"""The page with the status picture: what each model gets, who shares a picture, and who gets none."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.web.client import ResponseNeverReceived

from magroup.groups.editing import Editing, edits
from magroup.groups.picture import Scene, scene_of
from magroup.model.configuration import Configuration
from magroup.model.lines import LineState, Phone
from magroup.model.presence import Presence
from magroup.web.phone.display import Display, StatusPictures
from magroup.web.phone.display.colours import LINES
from magroup.web.phone.display.page import strip
from magroup.web.phone.models import model_of
from magroup.web.phone.pages import PhonePages
from magroup.web.phone.rendering import rendered
from tests.web.phone.server import PhoneCase, Shown, check_schema

RAFAEL, ARADHANA, MARIA = "SEP000000001175", "SEP000000001068", "SEP000000001071"


class StatusPageTests(PhoneCase):
    def phone_pages(self, editing: Editing) -> PhonePages:
        self.editing = editing
        self.pages = super().phone_pages(editing)
        return self.pages

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
            self.assertEqual(set(shown.keys), {"Menu", "List", "Update", "Exit"})
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

    async def test_calls_that_ring(self) -> None:
        quiet = await self.picture(await self.page("display"))
        self.switch.arrive("0791112233", "1068", "Bob")
        rings = await self.picture(await self.page("display"))
        ground = LINES[LineState.RINGING].ground
        below = (0, 200, 559, 265)
        for image, is_told in ((quiet, False), (rings, True)):
            colours = {colour for _, colour in image.convert("RGB").crop(below).getcolors(1000) or ()}
            self.assertEqual(ground in colours, is_told)

    async def test_a_phone_that_hangs_up_while_its_picture_is_drawn(self) -> None:
        """It is no error of ours."""
        drawing: Deferred[None] = Deferred()
        began: Deferred[None] = Deferred()
        gone: Deferred[None] = Deferred()
        answer = self.pages.answer

        def held(work: Any) -> Any:
            began.callback(None)
            return drawing.addCallback(lambda _: work())

        async def watched(*asked: Any) -> bytes:
            try:
                return await answer(*asked)
            finally:
                gone.callback(None)

        self.in_thread, self.pages.answer = held, watched  # type: ignore[method-assign]
        asking = self.agent.request(b"GET", f"http://{self.host}/phone/display?device={RAFAEL}".encode())
        await began
        asking.cancel()
        await self.assertFailure(asking, CancelledError, ResponseNeverReceived)
        await gone
        drawing.callback(None)
        self.pages.answer = answer  # type: ignore[method-assign]
        self.assertEqual((await self.picture(await self.page("display"))).size, (559, 265))

    async def test_a_group_is_looked_at_once_for_all_until_something_changes(self) -> None:
        looked: list[str] = []
        scene = scene_of(self.current.value, self.application, self.states, self.switch)

        def watched(configuration: Configuration) -> Scene:
            looked.append("looked")
            return scene

        display = Display(watched, lambda: self.states.version, StatusPictures(lambda work: succeed(work())))
        phones = [self.current.value.phone(device) for device in (RAFAEL, ARADHANA)]
        views = [display.view(self.current.value, phone, 24) for phone in phones if phone for _ in range(3)]
        self.assertEqual((len(looked), len({id(view) for view in views})), (1, 1))
        self.presence.set("Maria.Rossi", Presence.DND)
        again = [display.view(self.current.value, phone, 24) for phone in phones if phone]
        self.assertEqual(len(looked), 2)
        self.assertNotEqual(again[0], views[0])

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

    async def test_a_list_where_there_are_no_pictures(self) -> None:
        shown = await self.page("display", model="CP-7841")
        self.assertEqual((shown.kind, shown.title), ("CiscoIPPhoneMenu", "Accounting"))

    async def test_pictures_are_for_those_who_know_their_names(self) -> None:
        shown = await self.page("display")
        url = shown.root.findtext("URL")
        self.assertNotIn(RAFAEL, url)
        for other in ("0" * 24, "x", "%2e%2e%2f", "SEP000000001175", "A" * 3000):
            self.assertEqual((await self.load(f"http://{self.host}/phone/picture/{other}.png")).code, 404)
        self.assertEqual((await self.load(url.removesuffix(".png"))).code, 404)

    async def test_strips(self) -> None:
        scene = scene_of(self.current.value, self.application, self.states, self.switch)
        display = Display(lambda configuration: scene, lambda: 1, StatusPictures(lambda work: succeed(work())))
        for device, model, size in (
            (RAFAEL, "CP-8845", (414, 70)), (RAFAEL, "CP-7945G", (252, 50)), (RAFAEL, "CP-7975G", (262, 50)),
            (RAFAEL, "CP-9971", None), (RAFAEL, "CP-7841", None), (MARIA, "CP-8845", None),
        ):  # fmt: skip
            phone = self.current.value.phone(device)
            assert phone is not None
            made = await strip(display, self.current.value, phone, model_of(model), "http://magroup:8080")
            if size is None:
                self.assertIsNone(made)
                continue
            assert made is not None
            check_schema(rendered(made, model_of(model)))
            name = made.url.removeprefix("http://magroup:8080/phone/picture/").removesuffix(".png")
            content = display.pictures.content(name)
            self.assertEqual(Image.open(BytesIO(content or b"")).size, size)

    async def test_an_unknown_phone(self) -> None:
        shown = await self.page("display", "SEP0000000000AA")
        self.assertEqual((shown.kind, shown.title), ("CiscoIPPhoneText", "Not possible"))

    async def test_a_phone_without_lines(self) -> None:
        phones = (*self.current.value.phones, Phone("SEP000000000001", "CP-8845", (), "127.0.0.1"))
        await self.editing.edit(lambda configuration: configuration.changed(phones=phones), "admin", "")
        self.assertEqual((await self.page("display", "SEP000000000001")).title, "Not possible")
