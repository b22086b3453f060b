"""Chromium, driven by Playwright in a thread of its own: one for all tests, with an empty profile for each."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool
from twisted.trial.unittest import TestCase

from tests.web.gadget.boards import manager, me, member
from tests.web.gadget.fake import PAGE, FakeServer

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"]
# The pages of one profile share one process: its start takes longer than most tests.
ARGUMENTS += ["--renderer-process-limit=1", "--disable-site-isolation-trials"]
LONGEST = 20_000
"""Milliseconds that anything may take on a loaded machine."""


class _Thread:
    """The thread, and in it the browser."""

    def __init__(self) -> None:
        self._pool = ThreadPool(1, 1, "browser")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._shared: BrowserContext | None = None

    def run(self, work: Callable[[], Any]) -> Deferred[Any]:
        if not self._pool.started:
            self._pool.start()
            reactor.addSystemEventTrigger("before", "shutdown", self._end)
        return deferToThreadPool(reactor, self._pool, work)

    def _end(self) -> Deferred[Any]:
        return self.run(self._close).addBoth(lambda _: self._pool.stop())

    def _close(self) -> None:
        if self._browser and self._playwright:
            self._browser.close()
            self._playwright.stop()

    def browser(self) -> Browser:
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=ARGUMENTS, handle_sigint=False, handle_sigterm=False,
                handle_sighup=False,
            )  # fmt: skip
        return self._browser

    def new_profile(self) -> BrowserContext:
        context = self.browser().new_context()
        context.set_default_timeout(LONGEST)
        return context

    @contextmanager
    def profile(self, alone: bool = False) -> Iterator[BrowserContext]:
        """The profile that tests use one after the other, and which each leaves empty; or one for a test ``alone``."""
        if alone:
            with self.new_profile() as context:
                yield context
            return
        context, self._shared = self._shared, None
        if context is None:
            context = self.new_profile()
            context.new_page()  # Stays, and the process of the pages with it.
        try:
            yield context
            _empty(context)
        except BaseException:
            # Whatever is wrong with it, the next test takes another one.
            context.close()
            raise
        self._shared = context


def _empty(context: BrowserContext) -> None:
    """Close all pages but the first, and forget what they have stored."""
    first, *pages = context.pages
    origins = {f"{url.scheme}://{url.netloc}" for url in (urlsplit(page.url) for page in pages) if url.netloc}
    for page in pages:
        page.close()
    context.clear_cookies()
    context.clear_permissions()
    browser = context.new_cdp_session(first)
    browser.send("Network.clearBrowserCache")
    for origin in origins:
        browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    browser.detach()


_THREAD = _Thread()


def run_in_browser(work: Callable[[Browser], Any]) -> Deferred[Any]:
    """Do ``work`` in the browser's thread."""
    return _THREAD.run(lambda: work(_THREAD.browser()))


@contextmanager
def one_page(width: int, dark: bool = False) -> Iterator[tuple[Page, list[str]]]:
    """A page in an empty profile, and what goes wrong in it."""
    with _THREAD.profile() as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if dark else "light")
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        yield page, problems


def in_browser(test: Callable[[Any], None]) -> Callable[[Any], Deferred[None]]:
    """A test that runs in the browser's thread."""

    @functools.wraps(test)
    def run(self: Any) -> Deferred[None]:
        def work() -> None:
            with self.browsing():
                test(self)

        result: Deferred[None] = _THREAD.run(work)
        return result

    return run


def entries_of(page: Page) -> list[str]:
    """The names of the entries of the open menu, those that cannot be chosen in brackets."""
    return [
        f"({name})" if disabled else name
        for name, disabled in page.eval_on_selector_all(
            ".menu [data-act]", "all => all.map(one => [one.dataset.act, one.ariaDisabled === 'true'])"
        )
    ]


def serious(page: Page, where: str) -> None:
    """axe-core (WCAG 2) finds nothing serious on the page."""
    # Without its style sheet a page has other colours.
    page.wait_for_load_state("load")
    found = Axe().run(page).response["violations"]
    bad = [
        (where, one["id"], [node["html"][:200] for node in one["nodes"]][:3], one["nodes"][0]["failureSummary"])
        for one in found if one["impact"] in ("serious", "critical")
    ]  # fmt: skip
    if bad:
        raise AssertionError(str(bad))


class GadgetCase(TestCase):
    """A server, and a browser with the page open: a manager, the user, an assistant."""

    timeout = 120
    width, height = 1280, 800
    alone = False
    """In a profile of its own: for what stays with a profile, such as a clock."""

    def setUp(self) -> None:
        self.server = FakeServer()
        self.addCleanup(lambda: Deferred.fromCoroutine(self.server.stop()))
        self.server.members = [me(), manager(70, "Hans Muster"), member(72, "Raf Sol"), member(73, "Ara Dink")]

    @contextmanager
    def browsing(self) -> Iterator[None]:
        self.problems: list[str] = []
        with _THREAD.profile(self.alone) as context:
            self.page = self.tab(context)
            self.page.set_viewport_size({"width": self.width, "height": self.height})
            self.open(self.page)
            yield
            self.assertEqual(self.problems, [])

    def tab(self, context: BrowserContext) -> Page:
        """A new tab; whatever goes wrong in it is kept."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self._console(said.type, said.text))
        return page

    def _console(self, kind: str, text: str) -> None:
        # Sockets that a test breaks are told of as errors.
        if kind == "error" and "WebSocket" not in text:
            self.problems.append(text)

    def open(self, page: Page) -> None:
        """Log in by the address, as Jabber does, and wait for the members."""
        page.goto(f"{self.server.url}/LogonPage.asp?page={PAGE}&user=maria.rossi&pwd=secret")
        page.wait_for_selector(".member")
        self.server.got("group")

    def row(self, id: int) -> Any:
        return self.page.locator(f'.member[data-id="{id}"]')

    def call(self, id: str) -> Any:
        return self.page.locator(f'.call[data-id="{id}"]')

    def menu(self) -> list[str]:
        """The names of the entries of the open menu, those that cannot be chosen in brackets."""
        return entries_of(self.page)

    def choose(self, name: str) -> None:
        """Choose an entry of the open menu."""
        self.page.click(f'.menu [data-act="{name}"]')
