"""Beside a PBX: a lost link is told on every page, and what the PBX does not do now is told where it was to be done."""

from magroup.cti.call_control import LINK_DOWN, NOT_PERMITTED, Service
from magroup.cti.types import ConnectionId
from tests.web.phone.menu.case import OUTSIDE, MenuCase

DOWN = "PBX link down: "


class LinkDownTests(MenuCase):
    async def test_every_page_says_so(self) -> None:
        """Menus, texts, forms; older models have a prompt for it too. Then it is over."""
        self.switch.set_linked(False)
        for page, title in (("menu", "Main menu"), ("group", "Change group"), ("pickup", "Not possible")):
            shown = await self.page(page)
            self.assertEqual(shown.title, f"{DOWN}{title}")
        prompt = (await self.page("menu", model="CP-7945G")).root.findtext("Prompt")
        self.assertEqual(prompt, "The link to the PBX is down.")
        menu = await self.load(
            f"http://{self.host}/phone/menu?device=SEP000000001175", **{"Accept-Language": "de"}
        )  # fmt: skip
        self.assertEqual(menu.title, "Anlage gestört: Hauptmenü")
        self.switch.set_linked(True)
        self.assertEqual((await self.page("menu")).title, "Main menu")

    async def test_who_is_not_known_is_told_nothing(self) -> None:
        self.switch.set_linked(False)
        self.assertEqual((await self.page("menu", "SEP999999999999")).title, "Not possible")

    async def test_why_not(self) -> None:
        """The entries stay in the menu, and lead to the reason."""
        self.talking()
        self.switch.arrive(OUTSIDE, "1071", "Eve")
        for why, said in (
            (LINK_DOWN, "The link to the PBX is down."),
            (f"{NOT_PERMITTED}: consultationCall", "The PBX does not permit this now."),
        ):
            self.refuse(why)
            names = await self.names("menu")
            self.assertEqual(("Transfer call" in names, "Pickup calls" in names), (True, True))
            self.assertEqual((await self.told("transfer"), await self.told("pickup")), (said, said))
        self.refuse("")
        self.assertEqual(await self.names("pickup"), ["Eve -> Mar"])

    def refuse(self, why: str) -> None:
        def can(service: Service, connection: ConnectionId) -> str:
            return why

        self.switch.can = can  # type: ignore[method-assign]
