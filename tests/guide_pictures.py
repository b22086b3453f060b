"""The pictures of the administration guide, made anew from the pages as they are.

    python -m tests.guide_pictures [--folder resources/help/pictures] [NAME ...]

They are the same each time: a company in a file, a clock that stands still, secrets that are none. Chromium draws a
corner a shade differently now and then: a picture that looks as before stays. To add one, write a function and name it
in ``EMPTY`` or ``DEMO``; ``tests.web.test_guide`` holds that the guide shows each of them.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred

from magroup.cli.company import read_company
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.model.records import Place
from magroup.model.report import Asked, Detail, DetailsPage, GroupTotals, MemberTotals, Totals
from magroup.model.settings import Settings
from magroup.resources import resource
from magroup.web.admin.users import lines, passwords, person
from tests.web.admin.reports.site import FakeReports, ReportsWeb
from tests.web.admission.kit import HASHES
from tests.web.gadget.browser import LONGEST, run_in_browser
from tests.web.gadget.fake import Connections

reactor: Any = _reactor
FOLDER = resource("help", "pictures")
HOME = "/Applications/inbound/MAGroup/"
SITE = "http://magroup.example.com:8080"
WIDTH = 864
"""As wide as the help shows it at most."""

COLOURS = 64
FEW = 40
ZONE = ZoneInfo("Europe/Zurich")

ADMIN = User(1000, "admin", password_hash=HASHES["secret"], privileges=frozenset(Privilege))
PEOPLE = """name;first_name;last_name;department;lines
emilia.skjeggestad;Emilia;Skjeggestad;Support;1033
nova.berg;Nova;Berg;Sales;
san.zhang;San;Zhang;Sales;1072,1302
"""


def company() -> Configuration:
    """The demo company, with an administrator."""
    demo = read_company(resource("demo", "company.toml").read_text("utf-8"), "company.toml").configuration
    return demo.changed(users=(*(user for user in demo.users if user.name != "admin"), ADMIN))


def nobody() -> Configuration:
    """As after the first start."""
    return Configuration(users=(ADMIN,))


@dataclass
class Numbers(FakeReports):
    """A month of the demo company."""

    async def details(self, asked: Asked, limit: int = 50, after: Place | None = None) -> DetailsPage:
        return DetailsPage(tuple(
            Detail(f"c{place}", datetime(2024, 8, 1, hour, minute, 12, tzinfo=ZONE).timestamp(), *parties, seconds)
            for place, (hour, minute, parties, seconds) in enumerate(CALLS)
        ), None)  # fmt: skip

    async def members(self, asked: Asked) -> tuple[MemberTotals, ...]:
        return tuple(MemberTotals(number, name, totals) for number, name, totals in MEMBERS)

    async def groups(self, asked: Asked) -> tuple[GroupTotals, ...]:
        whole = Totals()
        for _, _, totals in MEMBERS:
            whole += totals
        return (GroupTotals(1, "MA Group", whole), GroupTotals(2, "Reception", Totals(310, 24, 0, 0, 52_000.0)))


BOARD = ("8973", "MA Group")
CALLS = (
    (8, 4, ("1076", "Gil-dong Hong", *BOARD), 312.0), (8, 31, ("0311234567", "External", *BOARD), 95.0),
    (9, 2, ("1132", "Beatrice Gärtner", *BOARD), 1210.0), (9, 15, ("0440001122", "External", *BOARD), 41.0),
    (9, 47, ("1033", "Emilia Skjeggestad", "1047", "Tijana Vlahović"), 184.0),
    (10, 20, ("0791112233", "External", *BOARD), 502.0),
)  # fmt: skip
MEMBERS = (
    ("1047", "Tijana Vlahović", Totals(118, 31, 40, 33, 24_180.0, 6_120.0)),
    ("1068", "Aradhana Jaggi", Totals(64, 9, 12, 11, 11_400.0, 1_900.0)),
    ("1118", "Léonard Saligny", Totals(21, 14, 30, 22, 3_120.0, 4_830.0)),
    ("1175", "Rafael Hidalgo", Totals(97, 12, 25, 20, 18_050.0, 3_380.0)),
    ("1072", "San Zhang", Totals(33, 6, 8, 8, 5_400.0, 700.0)),
)


@dataclass
class Site(ReportsWeb):
    """The site at an address that stands on the pictures; ``url`` is where it is."""

    numbers: FakeReports = field(default_factory=Numbers)
    url: str = ""

    def listen(self) -> Callable[[], Deferred[Any]]:
        """What ends it again."""
        connections = Connections(self.factory)
        port = reactor.listenTCP(0, connections, interface="127.0.0.1")
        self.url = f"http://127.0.0.1:{port.getHost().port}"

        async def stop() -> None:
            self.reporting.jobs.stop()
            await port.stopListening()
            await connections.end()
            self.database.engine.dispose()

        return lambda: Deferred.fromCoroutine(stop())


def site(begin: Configuration, folder: Path) -> Site:
    settings = Settings(public_url=SITE, time_zone=ZONE.key)
    made = Site(begin=begin, folder=folder, instance="MAGroup", settings=settings)
    made.clock.advance(datetime(2024, 9, 2, 9, tzinfo=ZONE).timestamp())
    return made


class Camera:
    """A browser that has logged in as the administrator."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.goto(f"{url}/LogonPage.asp?page={HOME}settings&user=admin&pwd=secret")

    def open(self, path: str) -> None:
        self.page.goto(self.url + (path if path.startswith("/") else HOME + path))

    def picture(self, height: int, top: str = "") -> bytes:
        """So much of the page as WebP, from the element ``top`` on."""
        self.page.mouse.move(0, 0)
        self.page.evaluate("document.activeElement?.blur()")
        begins = 0.0
        if top:
            box = self.page.locator(top).first.bounding_box()
            assert box is not None, top
            begins = max(0.0, box["y"] + self.page.evaluate("scrollY") - 12)
        shot = self.page.screenshot(
            full_page=True, clip={"x": 0, "y": begins, "width": WIDTH, "height": height}, animations="disabled"
        )
        return packed(shot)


def packed(png: bytes) -> bytes:
    image = Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")
    stored = BytesIO()
    image.save(stored, "WEBP", lossless=True, quality=80, method=4)
    return stored.getvalue()


def looks_as(one: bytes, other: bytes) -> bool:
    """But for a few pixels."""
    first, second = [Image.open(BytesIO(picture)).convert("RGB") for picture in (one, other)]
    if first.size != second.size:
        return False
    changed = ImageChops.difference(first, second).convert("L").point(lambda level: 255 * (level > 2))
    return changed.histogram()[255] < FEW


def login(camera: Camera) -> bytes:
    camera.page.context.clear_cookies()
    camera.open("/LogonPage.asp")
    camera.page.fill("input[name=user]", "admin")
    return camera.picture(460)


def first_steps(camera: Camera) -> bytes:
    camera.open("users")
    return camera.picture(430)


def new_person(camera: Camera) -> bytes:
    camera.open("users/person")
    for name, value in (("first_name", "Tijana"), ("last_name", "Vlahović"), ("department", "Management"),
                        ("number", "1047"), ("device_name", "SEP0123456789AB"), ("model", "CP-8845")):  # fmt: skip
        camera.page.fill(f"#{name}", value)
    return camera.picture(850)


def person_made(camera: Camera) -> bytes:
    camera.open("users/person")
    for name, value in (("first_name", "Nova"), ("last_name", "Berg"), ("number", "1301")):
        camera.page.fill(f"#{name}", value)
    camera.page.click("text=Add person")
    camera.page.wait_for_selector("text=is ready")
    return camera.picture(640)


def people(camera: Camera) -> bytes:
    camera.open("users")
    return camera.picture(600)


def user(camera: Camera) -> bytes:
    camera.open("users/edit?of=1")
    return camera.picture(1150)


def answers(camera: Camera) -> bytes:
    camera.open("users/import")
    camera.page.select_option("#kind", "users")
    file: Any = {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    camera.page.set_input_files("#file", file)
    camera.page.click("text=Look at it")
    camera.page.wait_for_selector("h1:has-text('people.csv')")
    return camera.picture(640)


def group(camera: Camera) -> bytes:
    camera.open("groups?of=1")
    return camera.picture(830)


def members(camera: Camera) -> bytes:
    camera.open("groups?of=1&find=1201")
    return camera.picture(640, "#members-head")


def vip_calls(camera: Camera) -> bytes:
    camera.open("groups?of=1")
    return camera.picture(290, "legend:has-text('VIP calls')")


def vips(camera: Camera) -> bytes:
    camera.open("vips")
    return camera.picture(720)


def settings(camera: Camera) -> bytes:
    camera.open("settings")
    return camera.picture(900)


def reports(camera: Camera) -> bytes:
    camera.open("reports")
    return camera.picture(600)


def choice(camera: Camera) -> bytes:
    camera.open("reports/choice?kind=count&output=screen&month=2024-08")
    return camera.picture(470)


def counts(camera: Camera) -> bytes:
    camera.open("reports/show?kind=count&output=screen&month=2024-08&who=1&outbound=on")
    return camera.picture(560)


def graph(camera: Camera) -> bytes:
    camera.open("reports/graph?kind=count&output=graph&month=2024-08&who=1&outbound=on")
    return camera.picture(850)


Take = Callable[[Camera], bytes]
EMPTY: dict[str, Take] = {"login": login, "first-steps": first_steps, "new-person": new_person}
"""Of a server that nobody has set up yet."""

DEMO: dict[str, Take] = {
    "users": people, "user": user, "import": answers, "group": group, "members": members, "vip-calls": vip_calls,
    "vip-list": vips, "settings": settings, "reports": reports, "report-choice": choice, "report-counts": counts,
    "report-graph": graph, "person-made": person_made,
}  # fmt: skip
"""Of the demo company. Those that change it come after those that show it."""

PICTURES = (*EMPTY, *DEMO)


async def take(folder: Path, names: Iterable[str] = PICTURES) -> None:
    """Put the pictures into ``folder``."""
    wanted = set(names)
    for begin, pictures in ((nobody(), EMPTY), (company(), DEMO)):
        some = {name: picture for name, picture in pictures.items() if name in wanted}
        if some:
            await _of(begin, some, folder)


async def _of(begin: Configuration, pictures: dict[str, Take], folder: Path) -> None:
    with TemporaryDirectory() as data, ExitStack() as stack:
        stack.enter_context(mock.patch.object(lines, "new_secret", lambda: "q7wbm3xkdp9vzt5h"))
        stack.enter_context(mock.patch.object(person, "new_secret", lambda: "q7wbm3xkdp9vzt5h"))
        for module in (passwords, person):
            stack.enter_context(mock.patch.object(module, "new_password", lambda: "made-for-the-picture"))
        web = site(begin, Path(data))
        stop = web.listen()

        def shoot(browser: Browser) -> None:
            size: Any = {"width": WIDTH, "height": 800}
            context = browser.new_context(viewport=size, color_scheme="light", locale="en-GB")
            context.set_default_timeout(LONGEST)
            try:
                for name, picture in pictures.items():
                    page = context.new_page()
                    file, taken = folder / f"{name}.webp", picture(Camera(page, web.url))
                    if not file.exists() or not looks_as(file.read_bytes(), taken):
                        file.write_bytes(taken)
                    page.close()
            finally:
                context.close()

        try:
            await run_in_browser(shoot)
        finally:
            await stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the pictures of the administration guide.")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}; all without one")
    given = parser.parse_args()
    if unknown := set(given.names) - set(PICTURES):
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    given.folder.mkdir(parents=True, exist_ok=True)
    failed: list[object] = []

    def begin() -> None:
        taking = Deferred.fromCoroutine(take(given.folder, given.names or PICTURES))
        taking.addErrback(lambda failure: (failure.printTraceback(sys.stderr), failed.append(failure)))
        taking.addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
