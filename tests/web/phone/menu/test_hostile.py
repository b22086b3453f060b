"""All pages of the menu: each model and language, every link good, bad input, long URLs, names that are no words."""

from collections.abc import Iterator
from dataclasses import replace

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.web.integration import phone_service_urls
from magroup.web.phone.menu import PAGES
from magroup.web.phone.objects import URL
from tests.web.phone.menu.case import MARIA, OUTSIDE, RAFAEL, MenuCase, with_member, with_user
from tests.web.phone.server import Shown
from tests.web.rest.server import INSTANCE

BUILT_ELSEWHERE = ("/phone/groups?", "/phone/vips?")
DOES = ("/phone/set-", "/phone/dial", "/phone/pick-up", "/phone/manager", "/phone/transfer-to", "/phone/resume")
"""Pages after which the state is another one: they are left out where all links are followed."""


def links(shown: Shown) -> Iterator[str]:
    """The URLs of a page that lead to others."""
    form = shown.root.findtext("URL") if shown.kind == "CiscoIPPhoneInput" else ""
    for url in (*shown.items.values(), *shown.keys.values(), form or ""):
        if url.startswith("http"):
            yield url


class AllPagesTests(MenuCase):
    privileges = {"Rafael_Hidalgo": frozenset({Privilege.ADMIN, Privilege.TEAMMATE_STATUS})}

    def edited(self, configuration: Configuration) -> Configuration:
        configuration = with_member(configuration, 900, 64, "Rafael.Hidalgo")
        return with_user(configuration, "Rafael.Hidalgo", mobile="0791", voicemail="8000")

    async def walk(self, model: str, language: str) -> set[str]:
        """Follow every link from the entrances; gives the pages that were seen."""
        home = f"http://{self.host}/phone"
        waiting = [f"{home}/{page}?device={RAFAEL}" for page in ("menu", "direct", "members", "team-status", "status")]
        waiting.append(f"{home}/member?device={RAFAEL}&member=72")
        seen: dict[str, str] = {}
        while waiting:
            url = waiting.pop()
            page = url.partition("?")[0].rpartition("/")[2]
            if url in seen or any(part in url for part in (*DOES, *BUILT_ELSEWHERE)):
                continue
            seen[url] = page
            shown = await self.load(url, model, **{"Accept-Language": language})
            self.assertEqual((shown.code, shown.title == "Not possible"), (200, False), (url, shown.text))
            # One of each kind is enough: they differ by ids only.
            waiting += [link for link in links(shown) if list(seen.values()).count(link_page(link)) < 3]
        return set(seen.values())

    async def test_every_link_leads_somewhere(self) -> None:
        self.talking()
        self.switch.arrive(OUTSIDE, "1071", "Bob")
        for model in ("CP-7945G", "CP-8845", "CP-7841"):
            pages = await self.walk(model, "en-US")
            self.assertLessEqual({
                "menu", "team-status", "status", "status-of", "status-text", "forwarding", "my-forwarding",
                "forward-of", "forward", "forward-member", "forward-number", "group", "transfer", "transfer-call",
                "pickup", "direct", "member",
            }, pages)  # fmt: skip

    async def test_other_languages(self) -> None:
        self.talking()
        for language in ("de-CH", "fr-FR"):
            await self.walk("CP-8845", language)

    async def test_addresses_for_integrators(self) -> None:
        """All that are given to administrators are pages, with the name in place."""
        urls = phone_service_urls(f"http://{self.host}", INSTANCE)
        self.assertEqual(len(urls), 9)
        for name, url in urls.items():
            shown = await self.load(url.replace("#DEVICENAME#", RAFAEL))
            self.assertEqual((shown.code, shown.kind.removeprefix("CiscoIPPhone") in ("Menu", "IconFileMenu", "Text")),
                             (200, True), name)  # fmt: skip
        by_name = await self.load(urls["MainMenu"].replace("device=#DEVICENAME#", f"name={RAFAEL}"))
        self.assertEqual(by_name.title, "Main menu")

    async def test_bad_input(self) -> None:
        call = self.talking()
        for page in PAGES:
            for query in (
                {"member": "x" * 10_000}, {"member": "\x00\x1b"}, {"member": 10**9}, {"group": "-1"}, {"group": 10**9},
                {"call": "y" * 10_000}, {"call": "\x07", "held": "\x07"}, {"value": "9" * 11}, {"page": "10000000000"},
                {"page": 999_999_999}, {"to": "<b>&"}, {"member": 198, "to": "number", "number": "<1>"},
                {"call": call, "held": call},
            ):  # fmt: skip
                shown = await self.page(page, RAFAEL, **query)
                self.assertEqual(shown.code, 200, (page, query))
                self.assertNotIn("Something went wrong", shown.text, (page, query))
            twice = f"http://{self.host}/phone/{page}?device={RAFAEL}&member=72&member=198&group=45&group=64&call=1&call=2"
            self.assertNotIn("Something went wrong", (await self.load(twice)).text)
        self.assertEqual(self.lines, [])

    async def test_many_members_and_strange_names(self) -> None:
        """A list over several pages; whatever stands in a name is a text."""
        configuration = self.current.value
        people = tuple(
            User(1000 + at, f"p{at}", f"{at:02} <&\"'", "Ω" * 90, lines=(f"30{at:02}",))
            for at in range(70)
        )
        configuration = configuration.changed(users=(*configuration.users, *people))
        for at, person in enumerate(people):
            configuration = with_member(configuration, 5000 + at, 45, person.name)
        self.current.replace(configuration)
        found: list[str] = []
        shown = await self.page("direct", MARIA)
        while True:
            found += shown.items
            if ">>" not in shown.keys:
                break
            shown = await self.load(shown.keys[">>"])
        self.assertEqual((len(found), len(set(found))), (73, 73))
        self.assertIn("<<", shown.keys)
        self.assertTrue(found[3].startswith("00 <&\"' ΩΩΩ"), found[3])


class LongUrlTests(MenuCase):
    """A public URL of 80 characters, a device name and token of 32, and ids of calls as long as any."""

    privileges = {"Rafael_Hidalgo": frozenset({Privilege.ADMIN, Privilege.TEAMMATE_STATUS})}
    device, token = "SEP" + "0" * 29, "t" * 32

    def edited(self, configuration: Configuration) -> Configuration:
        configuration = with_member(configuration, 900, 64, "Rafael.Hidalgo")
        phones = tuple(
            replace(phone, device_name=self.device, token=self.token) if phone.device_name == RAFAEL else phone
            for phone in configuration.phones
        )
        return configuration.changed(phones=phones)

    async def begin(self, configuration: Configuration) -> None:
        await super().begin(configuration)
        self.settings = replace(self.settings, public_url="https://" + "a" * 72)
        self.switch._table._node = "node-abcdef-12345678"

    async def test_fit(self) -> None:
        call = self.talking()
        self.assertGreater(len(call), 20)
        self.switch.arrive(OUTSIDE, "1175")
        self.switch.arrive(OUTSIDE, "1071")
        longest = 0
        for page, query in (
            ("menu", {}), ("transfer", {}), ("transfer-call", {"call": call}), ("pickup", {}),
            ("transfer-call", {"call": call, "group": 45}), ("transfer-to", {"call": call, "member": 102}),
            ("transfer", {}), ("forward-member", {"member": 900, "group": 45}), ("member", {"member": 72}),
            ("status-text", {"member": 72, "value": 1}),
        ):  # fmt: skip
            shown = await self.page(page, self.device, token=self.token, **query)
            self.assertNotEqual(shown.title, "Not possible", (page, shown.text))
            longest = max(longest, *(len(url) for url in links(shown)))
        self.assertLessEqual(longest, URL)


def link_page(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
