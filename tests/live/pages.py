"""The pages of a server in Chromium, as somebody who has logged in sees them."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page
from twisted.internet.defer import Deferred

from tests.web.gadget.browser import LONGEST, run_in_browser


def browse(work: Callable[..., Any], *logins: str, expected: str = "422") -> Deferred[Any]:
    """What ``work`` returns, which gets a page for each of the addresses, in a browser of its own and opened already.

    Nothing may go wrong in a page; Chromium notes forms that come back, which are answered with 422, as ``expected``.
    """

    def run(browser: Browser) -> Any:
        problems: list[str] = []
        contexts = [browser.new_context(viewport={"width": 1280, "height": 800}) for _ in logins]
        try:
            pages = []
            for context, login in zip(contexts, logins, strict=True):
                context.set_default_timeout(LONGEST)
                page: Page = context.new_page()
                page.on("pageerror", lambda error: problems.append(str(error)))
                page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
                page.goto(login)
                pages.append(page)
            result = work(*pages)
            assert not [one for one in problems if expected not in one], problems
            return result
        finally:
            for context in contexts:
                context.close()

    return run_in_browser(run)
