"""The pictures of the administration guide, made anew from the pages as they are.

    python -m tests.guide_pictures [--folder resources/help/pictures] [NAME ...]

They are the same each time: a company in a file, a clock that stands still, secrets that are none. Chromium draws a
corner a shade differently now and then: a picture that looks as before stays. To add one, write a function and name it
in ``EMPTY``, ``DEMO`` or ``SWITCH``; ``tests.web.test_guide`` holds that the guide shows each of them.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred

from magroup.resources import resource
from magroup.web.admin.users import lines, passwords, person
from tests.guide_site import Listens, demo, empty, switch
from tests.web.gadget.browser import LONGEST, run_in_browser

reactor: Any = _reactor
FOLDER = resource("help", "pictures")
HOME = "/Applications/inbound/MAGroup/"
WIDTH = 864
"""As wide as the help shows it at most."""

WIDE = 1152
COLOURS = 128
FEW = 40

PEOPLE = """name;first_name;last_name;department;lines
emilia.skjeggestad;Emilia;Skjeggestad;Support;1033
nova.berg;Nova;Berg;Sales;
san.zhang;San;Zhang;Sales;1072,1302
"""


class Camera:
    """A browser that has logged in as the administrator."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.width = WIDTH
        page.goto(f"{url}/LogonPage.asp?page={HOME}settings&user=admin&pwd=secret")

    def widen(self) -> None:
        """For pages that use more of a large screen."""
        self.width = WIDE
        self.page.set_viewport_size({"width": WIDE, "height": 800})

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
            full_page=True, clip={"x": 0, "y": begins, "width": self.width, "height": height}, animations="disabled"
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
    camera.open("reports/choice?kind=count&output=screen&month=2026-02")
    return camera.picture(470)


def counts(camera: Camera) -> bytes:
    camera.open("reports/show?kind=count&output=screen&month=2026-02&who=1&outbound=on")
    return camera.picture(560)


def graph(camera: Camera) -> bytes:
    camera.open("reports/graph?kind=count&output=graph&month=2026-02&who=1&outbound=on")
    return camera.picture(850)


def live_calls(camera: Camera) -> bytes:
    camera.widen()
    camera.open("calls")
    return camera.picture(400)


def call(camera: Camera) -> bytes:
    camera.widen()
    camera.open("calls/call?id=over")
    return camera.picture(760)


def messages(camera: Camera) -> bytes:
    camera.widen()
    camera.open("calls/call?id=over")
    camera.page.click(".ladder a >> nth=6")
    return camera.picture(600, "h2:has-text('SIP messages')")


def switch_now(camera: Camera) -> bytes:
    camera.open("switch")
    return camera.picture(610)


def why(camera: Camera) -> bytes:
    camera.open("switch/number?caller=0315551234&number=8973")
    return camera.picture(1000)


Take = Callable[[Camera], bytes]
EMPTY: dict[str, Take] = {"login": login, "first-steps": first_steps, "new-person": new_person}
"""Of a server that nobody has set up yet."""

DEMO: dict[str, Take] = {
    "users": people, "user": user, "import": answers, "group": group, "members": members, "vip-calls": vip_calls,
    "vip-list": vips, "settings": settings, "reports": reports, "report-choice": choice, "report-counts": counts,
    "report-graph": graph, "live-calls": live_calls, "call": call, "call-messages": messages,
    "person-made": person_made,
}  # fmt: skip
"""Of the demo company. Those that change it come after those that show it."""

SWITCH: dict[str, Take] = {"switch": switch_now, "why": why}
"""Of the demo company with a switch."""

PICTURES = (*EMPTY, *DEMO, *SWITCH)


async def take(folder: Path, names: Iterable[str] = PICTURES) -> None:
    """Put the pictures into ``folder``."""
    wanted = set(names)
    for make, pictures in ((empty, EMPTY), (demo, DEMO), (switch, SWITCH)):
        some = {name: picture for name, picture in pictures.items() if name in wanted}
        if some:
            await _of(make, some, folder)


async def _of(make: Callable[[Path], Listens], pictures: dict[str, Take], folder: Path) -> None:
    with TemporaryDirectory() as data, ExitStack() as stack:
        stack.enter_context(mock.patch.object(lines, "new_secret", lambda: "q7wbm3xkdp9vzt5h"))
        stack.enter_context(mock.patch.object(person, "new_secret", lambda: "q7wbm3xkdp9vzt5h"))
        for module in (passwords, person):
            stack.enter_context(mock.patch.object(module, "new_password", lambda: "made-for-the-picture"))
        web = make(Path(data))
        web.prepare()
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
