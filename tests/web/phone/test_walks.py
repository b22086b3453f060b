"""Simulated phones of every kind walk through all pages there are, and refuse none."""

from collections.abc import Mapping

from twisted.internet import reactor

from magroup.cli.simulated_phone import MODELS, Explored, Explorer, Handset
from magroup.model.people import Privilege
from magroup.web.phone.table import ENTRANCES, SERVICES
from tests.web.phone.server import PhoneCase
from tests.web.rest.server import INSTANCE

FILES = ("PhoneMenu.asp", "OneButton.asp", *(f"IndependentServices.asp?action={action}" for action in SERVICES))
VALUES = {"number": ("1202", "#431234", "4711"), "message": ("Back at 3", "ä & <b>")}
MODELS_WALKED = ("7945", "7975", "8845", "8865", "9971", "7841")


class Walks(PhoneCase):
    """From each entry point, for who may do everything and for who may do nothing."""

    privileges: Mapping[str, frozenset[Privilege]] = {
        "Maria_Rossi": frozenset(Privilege),
        "Rafael_Hidalgo": frozenset(),
    }

    async def walk(self, model: str, device: str, file: str) -> Explored:
        handset = Handset(reactor, MODELS[model], device, address="127.0.0.1")
        self.addCleanup(handset.close)
        mark = "&" if "?" in file else "?"
        url = f"http://{self.host}/Applications/inbound/{INSTANCE}/src/{file}{mark}device=#DEVICENAME#"
        explored = await Explorer(handset, VALUES, most=300).explore(url.replace(" ", "%20"))
        self.assertEqual([f"{where} {refusal}" for where, refusal in explored.refusals], [], (model, device, file))
        return explored

    def test_all_entrances(self) -> None:
        self.assertEqual(len(FILES), len(ENTRANCES) + len(SERVICES))

    async def walked(self, model: str) -> None:
        for device in ("SEP000000001071", "SEP000000001175"):
            for file in FILES:
                await self.walk(model, device, file)


def _test(model: str) -> object:
    async def test(self: Walks) -> None:
        await self.walked(model)

    return test


for _model in MODELS_WALKED:
    setattr(Walks, f"test_{_model}", _test(_model))
