"""A token made in Chromium, whose scripts are switched off, lets curl read the API of a real server."""

import sqlite3

from lxml import html

from tests.live.test_login import LOGIN, ServerCase
from tests.peers.chromium import Chromium


class TokenPage(ServerCase):
    """From the login to the end of a token."""

    def asked(self, path: str, token: str) -> tuple[str, str]:
        """Status and body of an answer of the API."""
        answer = self.curl(f"api/v1/{path}", "-H", f"Authorization: Bearer {token}")
        body, _, status = answer.rpartition("\n")
        return status.strip(), body

    def test_made_used_revoked(self) -> None:
        server = self.start("--demo")
        with Chromium(self.folder / "profile") as browser:
            browser.go(f"{self.url}{LOGIN}?page=/tokens")
            browser.write("input[name=user]", "admin")
            browser.write("input[name=pwd]", "demo")
            browser.press_enter("button")
            browser.write("input[name=name]", "Wallboard")
            browser.tick("input[value='journal:read']")
            browser.tick("input[value='audit:read']")
            browser.press_enter("form.token button")
            page = html.fromstring(browser.content)
            (secret,) = page.xpath("//input[@id='secret']/@value")
            self.assertIn("audit:read, journal:read", page.text_content())
            self.assertEqual(page.xpath("//button[@data-copy]/@hidden"), [""], "it would do nothing")
            self.assertEqual(self.asked("journal", secret)[0], "200")
            self.assertEqual(self.asked("users", secret)[0], "403")
            browser.press_enter(".tokens button")
            self.assertIn("You have none.", html.fromstring(browser.content).text_content())
            self.assertEqual(self.asked("journal", secret)[0], "401")
            self.assertNotIn(secret, browser.content)
        self.stop(server)
        self.assertNotIn(secret, server.output)
        with sqlite3.connect(self.folder / "magroup-data" / "magroup.db") as database:
            trail = database.execute("SELECT what FROM audit WHERE who = 'admin' ORDER BY at").fetchall()
        database.close()
        self.assertEqual([what for (what,) in trail], ["login", "token", "journal", "token"])
