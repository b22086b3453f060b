"""The services of desk phones beside real SIP phones: curl loads the pages from the address of the line's phone."""

from dataclasses import dataclass
from shutil import which
from typing import Any
from urllib.parse import quote

from twisted.internet import reactor as _reactor
from twisted.internet.utils import getProcessOutputAndValue

from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.live.server import Live, company
from tests.peers import Baresip
from tests.web.admission.kit import admission
from tests.web.phone.server import DISPLAYS, Shown, check_schema
from tests.web.rest.server import INSTANCE, Following

reactor: Any = _reactor
CURL = which("curl") or "/usr/bin/curl"


def company_with_desks(options: str = "", people: tuple[str, ...] = ("1047", "1175", "1068"), **more: Any) -> str:
    """A company file in which each line of ``people`` has a phone with services."""
    desks = "".join(f'[[phones]]\ndevice_name = "Desk{number}"\nlines = ["{number}"]\n' for number in people)
    return company(options, people, more=desks, **more)


class Desks:
    """The web site of a running server; ``at`` gives the services of a phone."""

    def __init__(self, server: Live) -> None:
        let_in = admission(Following(server.assembly.current), reactor)
        services = server.assembly.rest(let_in, lambda connection, change: None)
        site = WebSite(Surroundings(INSTANCE, "1", Status, Readiness(), reactor.seconds, let_in, *services))
        self._port = reactor.listenTCP(0, site.site(reactor), interface="127.0.0.1")
        server.test.addCleanup(self._port.stopListening)

    def at(self, phone: Baresip, model: str = "CP-8845") -> "Desk":
        home = f"http://127.0.0.1:{self._port.getHost().port}/Applications/inbound/{INSTANCE}/src"
        return Desk(phone, home, model)


@dataclass(frozen=True)
class Desk:
    """What somebody sees and presses on a phone."""

    phone: Baresip
    home: str
    model: str

    async def service(self, action: str) -> Shown:
        """One of the independent services."""
        return await self.load(f"{self.home}/IndependentServices.asp?action={action}&device=Desk{self.phone.name}")

    async def button(self) -> str:
        """What the 1 Button Service says."""
        return (await self.load(f"{self.home}/OneButton.asp?device=Desk{self.phone.name}")).text

    async def menu(self) -> Shown:
        return await self.load(f"{self.home}/PhoneMenu.asp?device=Desk{self.phone.name}")

    async def choose(self, page: Shown, name: str) -> Shown:
        """An entry of a menu, without what stands behind the name."""
        (url,) = [url for entry, url in page.items.items() if entry.partition(" - ")[0] == name] or [str(page.items)]
        return await self.load(url)

    async def press(self, page: Shown, key: str) -> Shown:
        """A softkey."""
        return await self.load(page.keys[key])

    async def submit(self, form: Shown, text: str) -> Shown:
        """The only field of a form."""
        (name,) = form.fields
        return await self.load(f"{form.root.findtext('URL')}&{name}={quote(text, safe='')}")

    async def load(self, url: str) -> Shown:
        """A page, which must be one that phones take."""
        arguments = ["--silent", "--show-error", "--noproxy", "*", "--max-time", "30", "--interface", self.phone.ip]
        for header in (f"x-CiscoIPPhoneModelName: {self.model}", f"x-CiscoIPPhoneDisplay: {DISPLAYS[self.model]}"):
            arguments += ["-H", header]
        out, err, code = await getProcessOutputAndValue(
            CURL, [*arguments, "--fail", url], env={"PATH": "/usr/bin:/bin"}
        )  # fmt: skip
        assert code == 0, (url, err)
        check_schema(out)
        return Shown(200, {}, out)
