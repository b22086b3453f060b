"""Logging in on a real server: with curl, and with Chromium whose scripts are switched off."""

import signal
import sqlite3
import subprocess
from pathlib import Path

from lxml import html
from twisted.trial.unittest import SynchronousTestCase

from tests.peers.chromium import Chromium
from tests.server_process import ServerProcess, environment

HTTP = ("--http", "tcp:0:interface=127.0.0.1", "--sip", "udp:127.0.0.1:0")
LOGIN = "LogonPage.asp"


class ServerCase(SynchronousTestCase):
    """Each test in a folder of its own."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()

    def start(self, *arguments: str) -> ServerProcess:
        server = ServerProcess(["-n", "magroup", *HTTP, *arguments], self.folder, env=environment())
        self.addCleanup(server.__exit__)
        self.url = server.web_address()
        return server

    def stop(self, server: ServerProcess) -> None:
        server.process.terminate()
        self.assertEqual(server.ended(), -signal.SIGTERM)
        self.assertNotIn("Traceback", server.output)

    def curl(self, path: str, *arguments: str) -> str:
        """Status, Location and body of an answer; cookies are kept in a file."""
        command = ["curl", "-s", "-S", "-m", "30", "-b", "jar", "-c", "jar", "-w", "\n%{http_code} %header{location}"]
        done = subprocess.run(
            [*command, *arguments, self.url + path], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout

    def status(self, answer: str) -> str:
        return answer.rpartition("\n")[2].strip()


class FirstStart(ServerCase):
    """Nobody can log in yet: an administrator is made."""

    def test_the_first_administrator(self) -> None:
        server = self.start()
        password = server.until("password").rpartition(" ")[2].strip()
        file = self.folder / "magroup-data" / "initial-admin-password"
        self.assertEqual((file.read_text(), file.stat().st_mode & 0o777), (f"{password}\n", 0o600))
        self.assertGreaterEqual(len(password), 20)
        self.stop(server)
        server = self.start()
        self.assertIn(str(file), server.until("password in"), "the password stays until it has been used")
        self.assertEqual(self.status(self.curl(LOGIN, "-d", "user=admin", "-d", "pwd=guess")), "403")
        self.assertTrue(file.exists())
        form = ("--data-urlencode", "user=Admin", "--data-urlencode", f"pwd={password}")
        answer = self.curl(LOGIN, *form, "-d", "page=/help/settings")
        self.assertEqual(self.status(answer), "302 /help/settings")
        self.assertIn("<strong>admin</strong>", self.curl(LOGIN))
        self.stop(server)
        self.assertFalse(file.exists())
        server = self.start()
        self.assertIn("<strong>admin</strong>", self.curl(LOGIN), "the login survives a restart")
        self.stop(server)
        self.assertNotIn(password, server.output)
        with sqlite3.connect(self.folder / "magroup-data" / "magroup.db") as database:
            trail = database.execute("SELECT who, what, key FROM audit ORDER BY id").fetchall()
        database.close()
        expected = [("", "user", "1"), ("", "failed login", "admin"), ("admin", "login", "admin")]
        self.assertEqual(trail, expected)

    def test_company_without_passwords(self) -> None:
        company = self.folder / "company.toml"
        company.write_text('format = 1\n[[users]]\nname = "admin"\n')
        server = self.start("--import", str(company))
        self.assertEqual(self.status(self.curl(LOGIN, "-d", "user=admin", "-d", "pwd=")), "403")
        self.stop(server)
        self.assertIn("nobody can log in to the web pages: no user has a password", server.output)

    def test_the_demos_password_is_for_the_demo(self) -> None:
        server = self.start("--demo")
        self.assertIn("Log in to the web pages as admin, password demo", server.until("password demo\n"))
        self.assertTrue(self.status(self.curl(LOGIN, "-d", "user=admin", "-d", "pwd=demo")).startswith("302"))
        self.stop(server)
        server = self.start()
        self.assertEqual(self.status(self.curl(LOGIN, "-d", "user=admin", "-d", "pwd=demo")), "403")
        self.stop(server)
        self.assertIn("cannot log in without --demo", server.output)


class Reloaded(ServerCase):
    """SIGHUP."""

    def test_settings_of_logins(self) -> None:
        config = self.folder / "magroup.toml"
        config.write_text("")
        server = self.start("--demo", "--config", str(config))
        server.until("Ctrl-C")
        path = f"{LOGIN}?user=admin&pwd=demo"
        self.assertTrue(self.status(self.curl(path)).startswith("302"))
        config.write_text('[accounts]\nlogin_by_address = false\n[http]\naccess_log = false\nframed_by = ["https://a.example"]')
        server.process.send_signal(signal.SIGHUP)
        server.until("configuration reloaded: 3 settings changed")
        self.assertEqual(self.status(self.curl(path)), "200")
        self.assertIn("frame-ancestors 'self' https://a.example", self.curl(LOGIN, "-i"))
        self.stop(server)
        self.assertEqual(server.output.count(f"GET /{LOGIN}"), 1)
        self.assertNotIn("at the next start only", server.output)


class Rest(ServerCase):
    """The XML services of a real server: this machine needs no login, whoever comes through a proxy does."""

    GROUPS = "Applications/inbound/MAGroup/rest/groups/getGroups.asp"
    PROXIED = ("-H", "X-Forwarded-For: 192.0.2.7")

    def test_who_may(self) -> None:
        self.start("--demo")
        self.assertEqual(self.status(self.curl(self.GROUPS)), "200")
        for arguments, status in (
            ((), "401"), (("-u", "admin:demo"), "200"), (("-u", "ADMIN:demo"), "200"), (("-u", "admin:wrong"), "401"),
            (("-u", "san.zhang:demo"), "403"), (("-H", "Authorization: Bearer mag_x"), "401"),
        ):  # fmt: skip
            self.assertEqual(self.status(self.curl(self.GROUPS, *self.PROXIED, *arguments)), status, arguments)
        challenge = self.curl(self.GROUPS, *self.PROXIED, "-i")
        self.assertIn('WWW-Authenticate: Basic realm="MAGroup", charset="UTF-8"', challenge)
        self.assertEqual(self.status(self.curl(self.GROUPS, "-H", "Origin: http://evil.example")), "403")
        self.assertEqual(self.status(self.curl(self.GROUPS, "-H", "Host: evil.example")), "401")

    def test_changes_are_audited(self) -> None:
        server = self.start("--demo")
        path = "Applications/inbound/MAGroup/rest/groups/addGroup.asp"
        self.assertIn("OK", self.curl(path, "-d", "gr_name=One"))
        self.assertIn("OK", self.curl(path, *self.PROXIED, "-u", "admin:demo", "-d", "gr_name=Two"))
        self.stop(server)
        with sqlite3.connect(self.folder / "magroup-data" / "magroup.db") as database:
            trail = database.execute('SELECT who, "where", what, new FROM audit ORDER BY id').fetchall()
        database.close()
        changed = [(who, where, name) for who, where, what, new in trail if what == "group"
                   for name in ("One", "Two") if f'"name": "{name}"' in new]  # fmt: skip
        self.assertEqual(changed, [("", "127.0.0.1", "One"), ("admin", "127.0.0.1", "Two")])


class Browsers(ServerCase):
    """The demo, in Chromium."""

    def test_from_the_login_to_the_logout(self) -> None:
        self.start("--demo")
        with Chromium(self.folder / "profile") as browser:
            browser.go(f"{self.url}password")
            self.assertEqual(browser.url, f"{self.url}{LOGIN}?page=/password")
            browser.write("[name=user]", "tijana.vlahovic")
            browser.write("[name=pwd]", "wrong")
            browser.press_enter("[name=pwd]")
            (alert,) = html.fromstring(browser.content).xpath("//*[@role='alert']/text()")
            self.assertEqual(alert, "User name or password is wrong.")
            browser.write("[name=pwd]", "demo")
            browser.press_enter("[name=pwd]")
            self.assertEqual(browser.url, f"{self.url}password")
            (cookie,) = browser.cookies()
            self.assertTrue(cookie["httpOnly"] and cookie["session"])
            self.assertEqual(cookie["sameSite"], "Lax")
            for name, value in (("old", "demo"), ("new", "Correct Horse"), ("again", "Correct Horse")):
                browser.write(f"[name={name}]", value)
            browser.press_enter("[name=again]")
            self.assertIn("<h1 id=\"title\">Password changed</h1>", browser.content)
            browser.go(self.url + LOGIN)
            browser.press_enter("main button")
            self.assertEqual((browser.url, browser.cookies()), (self.url + LOGIN, []))

    def test_auto_login(self) -> None:
        """As Jabber and COC do it."""
        self.start("--demo")
        with Chromium(self.folder / "profile") as browser:
            browser.go(f"{self.url}{LOGIN}?page=/Applications/Inbound/MAGroup/&user=rafael.hidalgo&pwd=demo")
            first = f"{self.url}Applications/inbound/MAGroup/groups"
            self.assertEqual(browser.url, first)
            self.assertIn("rafael.hidalgo", browser.content)
            browser.go(f"{self.url}{LOGIN}?page=//evil.example/&user=rafael.hidalgo&pwd=demo")
            self.assertEqual(browser.url, first)
