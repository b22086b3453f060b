"""The waiting announcements of a group: by softkeys on the highlighted one, and by its own menu."""

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege as P
from tests.web.phone.server import PhoneCase


class AnnouncementTests(PhoneCase):
    privileges = {"Rafael_Hidalgo": frozenset({P.GROUPS})}

    def played(self) -> list[str]:
        return [one.wave for one in self.current.value.announcements_of(45)]

    async def test_the_list_and_its_keys(self) -> None:
        for model, keys in (
            ("CP-7945G", ["Select", "Add", "Up", "Down", "Remove", "Exit", "Back"]),
            ("CP-8845", ["Exit", "Select", "Add", "Up", "Down", "Remove", "Back"]),
            ("CP-7841", ["Exit", "Select", "Add", "Up", "Down", "Remove", "Back"]),
        ):
            shown = await self.page("group-announcements", model=model, group=45)
            self.assertEqual(list(shown.items), ["1. busy.wav", "2. music_folk.wav"])
            self.assertEqual(list(shown.keys), keys)
            self.assertEqual(shown.keys["Up"], "QueryStringParam:do=up")

    async def test_by_softkeys(self) -> None:
        shown = await self.page("group-announcements", group=45)
        shown = await self.load(shown.pressed("Up", "2. music_folk.wav"))
        self.assertEqual((shown.title, self.played()), ("Announcements", ["music_folk.wav", "busy.wav"]))
        self.assertIn("1998", shown.headers["expires"])
        shown = await self.load(shown.pressed("Down", "1. music_folk.wav"))
        self.assertEqual(self.played(), ["busy.wav", "music_folk.wav"])
        shown = await self.load(shown.pressed("Remove", "1. busy.wav"))
        self.assertEqual((list(shown.items), self.played()), (["1. music_folk.wav"], ["music_folk.wav"]))
        sounds = await self.load(shown.pressed("Add", "1. music_folk.wav"))
        self.assertEqual(list(sounds.items), ["busy.wav", "Welcome.wav"])
        shown = await self.load(sounds.items["Welcome.wav"])
        self.assertEqual(list(shown.items), ["1. music_folk.wav", "2. Welcome.wav"])
        await self.stored()

    async def test_by_the_menu_of_one(self) -> None:
        shown = await self.page("group-announcements", group=45)
        menu = await self.load(shown.items["1. busy.wav"])
        self.assertEqual((menu.title, list(menu.items)), ("busy.wav", ["Another sound", "Down", "Remove"]))
        shown = await self.load(menu.items["Down"])
        self.assertEqual(self.played(), ["music_folk.wav", "busy.wav"])
        menu = await self.load(shown.items["2. busy.wav"])
        self.assertEqual(list(menu.items), ["Another sound", "Up", "Remove"])
        sounds = await self.load(menu.items["Another sound"])
        shown = await self.load(sounds.items["Welcome.wav"])
        self.assertEqual(list(shown.items), ["1. music_folk.wav", "2. Welcome.wav"])
        menu = await self.load(shown.items["2. Welcome.wav"])
        shown = await self.load(menu.items["Remove"])
        self.assertEqual(self.played(), ["music_folk.wav"])

    async def test_an_empty_list(self) -> None:
        await self.meanwhile(lambda configuration: configuration.changed(announcements=()))
        shown = await self.page("group-announcements", group=45)
        self.assertEqual(list(shown.items), ["<Add an announcement>"])
        sounds = await self.load(shown.items["<Add an announcement>"])
        await self.load(sounds.items["busy.wav"])
        self.assertEqual(self.played(), ["busy.wav"])

    async def test_pressed_twice(self) -> None:
        for pressed in ("Up", "Remove", "Add"):
            shown = await self.page("group-announcements", group=45)
            url = shown.pressed(pressed, list(shown.items)[-1])
            if pressed == "Add":
                url = (await self.load(url)).items["Welcome.wav"]
            self.assertEqual((await self.load(url)).title, "Announcements")
            before = self.played()
            late = await self.load(url)
            self.assertEqual((late.title, self.played()), ("Was changed meanwhile", before))
            self.assertEqual(list(late.items), [f"{place}. {wave}" for place, wave in enumerate(before, 1)])

    async def test_a_list_that_somebody_else_has_changed(self) -> None:
        shown = await self.page("group-announcements", group=45)
        await self.meanwhile(lambda configuration: edits.move_announcement(configuration, 634, True))
        for url in (shown.pressed("Down", "1. busy.wav"), shown.pressed("Remove", "1. busy.wav")):
            self.assertEqual((await self.load(url)).title, "Was changed meanwhile")
        self.assertEqual(self.played(), ["music_folk.wav", "busy.wav"])

    async def test_of_another_group_or_gone(self) -> None:
        for query in ({"id": 19}, {"id": 9999}, {"id": 19, "do": "remove"}, {"id": 19, "do": "up"}):
            for page in ("announcement", "other-sound"):
                shown = await self.page(page, group=45, **query)
                self.assertEqual(shown.title, "Was changed meanwhile", query)
        shown = await self.page("announcement", group=45, id=633, do="explode")
        self.assertEqual(shown.text, "What was entered cannot be used.")
        shown = await self.page("add-announcement", group=45, sound="-")
        self.assertEqual(shown.text, "There is no such sound.")
        sounds = await self.page("other-sound", group=45, id=633)
        gone = await self.load(sounds.items["Welcome.wav"].replace("id=633", "id=19"))
        self.assertEqual(gone.title, "Was changed meanwhile")
        self.assertEqual(self.changes, [])

    async def test_so_many_and_no_more(self) -> None:
        def fill(configuration: Configuration) -> Configuration:
            for _ in range(98):
                configuration = edits.add_announcement(configuration, edits.Rules(), 45, "busy.wav")
            return configuration

        await self.meanwhile(fill)
        shown = await self.page("group-announcements", group=45)
        self.assertEqual(len(shown.items), 100)
        sounds = await self.load(shown.pressed("Add"))
        self.assertEqual((await self.load(sounds.items["busy.wav"])).title, "There is no room for more")
