"""Simulated phones of every kind walk through all pages there are and refuse none; each is valid by the XSD."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from twisted.internet import reactor

from magroup.cli.simulated_phone import MODELS, Explored, Explorer, Handset
from magroup.cli.simulated_phone.explorer import BAD
from magroup.model.people import Privilege
from magroup.web.phone.table import ENTRANCES, PAGES, SERVICES
from tests.web.phone.server import PhoneCase, check_schema
from tests.web.rest.server import INSTANCE

HOME = f"/Applications/inbound/{INSTANCE}/src".replace(" ", "%20")
MENU = f"{HOME}/PhoneMenu.asp"
DISPLAY = "/phone/display"
SERVICE_FILES = (
    DISPLAY, f"{HOME}/OneButton.asp", *(f"{HOME}/IndependentServices.asp?action={action}" for action in SERVICES),
)  # fmt: skip
IN_OTHER_TESTS = {"consult", "find-member", "forward-member", "manager", "resume"}
"""Pages for what is not so here: a call that is consulted about, more users or groups than one page holds."""

VALUES = {"number": ("1202", "#431234"), "text": ("Back at 3", "ä & <b>")}
MANAGER, MEMBER = "SEP000000001071", "SEP000000001175"
LINES = ("1071", "1175", "1068")
LASTING = ("delete", "remove", "leave")
"""What the names of pages begin with that take something away: others would find nothing to show then."""


def takes_away(url: str) -> bool:
    return urlsplit(url).path.rpartition("/")[2].startswith(LASTING)


class Walks(PhoneCase):
    """For a manager who may do everything and a member who may do nothing."""

    privileges: Mapping[str, frozenset[Privilege]] = {
        "Maria_Rossi": frozenset(Privilege),
        "Rafael_Hidalgo": frozenset(),
    }

    async def walk(self, model: str, device: str, file: str, alike: int = 1, bad: Sequence[str] = ()) -> Explored:
        """From an entry point, while calls ring at some lines, and one is answered at each."""
        for line in LINES:
            call = self.switch.arrive("+4930123456", line, "Bob")
            self.switch.device_answers(call, line)
            self.switch.arrive("+4930654321", line)
        handset = Handset(reactor, MODELS[model], device, address="127.0.0.1", validate=check_schema)
        self.addCleanup(handset.close)
        mark = "&" if "?" in file else "?"
        explorer = Explorer(handset, VALUES, last=takes_away, alike=alike, bad=bad)
        explored = await explorer.explore(f"http://{self.host}{file}{mark}device=#DEVICENAME#")
        self.assertEqual([f"{where} {refusal}" for where, refusal in explored.refusals], [], (model, device, file))
        self.assertTrue(explored.is_whole)
        return explored

    async def main_menu(self, model: str) -> None:
        await self.walk(model, MEMBER, DISPLAY)
        await self.walk(model, MANAGER, MENU)
        await self.walk(model, MEMBER, MENU)

    async def services(self, devices: Iterable[str], model: str) -> None:
        for device in devices:
            for file in SERVICE_FILES:
                await self.walk(model, device, file)

    async def test_7945(self) -> None:
        await self.main_menu("7945")

    async def test_7975(self) -> None:
        await self.main_menu("7975")

    async def test_8845(self) -> None:
        await self.main_menu("8845")

    async def test_8865(self) -> None:
        await self.main_menu("8865")

    async def test_9971(self) -> None:
        await self.main_menu("9971")

    async def test_7841(self) -> None:
        await self.main_menu("7841")

    async def test_bad_values(self) -> None:
        await self.walk("8865", MANAGER, MENU, bad=BAD)

    async def test_several_alike(self) -> None:
        await self.walk("8865", MANAGER, MENU, alike=2)

    async def test_services(self) -> None:
        await self.services((MANAGER, MEMBER), "7945")
        await self.services((MEMBER,), "7841")

    async def test_nothing_is_left_out(self) -> None:
        """Every page of the table is on the way from some entry point."""
        reached = {*ENTRANCES.values(), *SERVICES.values(), *IN_OTHER_TESTS}
        for device, file in ((MEMBER, DISPLAY), *((MANAGER, file) for file in (*SERVICE_FILES, MENU))):
            for visit in (await self.walk("9971", device, file)).visits:
                reached.add(urlsplit(visit.request.url).path.rpartition("/")[2])
        self.assertEqual(sorted(set(PAGES) - reached), [])
