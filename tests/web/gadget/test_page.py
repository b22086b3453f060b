"""The gadget's page and manifest as the server gives them."""

import json
from dataclasses import replace

from lxml import html
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.settings import HttpSettings
from tests.web.admission.kit import Kept, user
from tests.web.connection import Browser, Web
from tests.web.test_site import Markup, inline

SRC = "/Applications/inbound/MA%20Group/src"
PAGE = f"{SRC}/Jabber.asp"


class GadgetPageTests(SynchronousTestCase):
    """A user who has logged in, and one who has not."""

    def setUp(self) -> None:
        raf = replace(user("Raf"), language="de-CH")
        self.web = Web(kept=Kept(Configuration(users=(raf, user("Ara", id=2)))))
        self.browser = Browser(self.web)

    def log_in(self, name: str = "raf") -> None:
        self.browser.get(f"/LogonPage.asp?user={name}&pwd=secret")

    def policy(self, **headers: str) -> dict[str, str]:
        """The Content-Security-Policy by directive."""
        self.browser.headers = headers
        policy = self.browser.get(PAGE).headers["content-security-policy"]
        return dict(part.strip().split(" ", 1) for part in policy.split(";"))

    def test_without_login(self) -> None:
        answer = self.web.ask(PAGE)
        self.assertEqual((answer.code, answer.headers["location"]),
                         (302, "/LogonPage.asp?page=/Applications/inbound/MA%2520Group/src/Jabber.asp"))  # fmt: skip

    def test_auto_login_leads_to_it(self) -> None:
        """The addresses of getIntegrationURLs."""
        answer = self.browser.get(f"/LogonPage.asp?page={PAGE}&user=raf&pwd=secret")
        self.assertEqual((answer.code, answer.headers["location"]), (302, PAGE))
        self.assertEqual(self.browser.get(PAGE).code, 200)

    def test_page(self) -> None:
        self.log_in()
        for path in (PAGE, PAGE.lower(), PAGE.upper()):
            answer = self.browser.get(path)
            self.assertEqual((answer.code, answer.headers["cache-control"]), (200, "no-store"), path)
        page = html.fromstring(answer.text)
        self.assertEqual(page.get("lang"), "de")
        self.assertEqual(inline(answer.text), Markup(0, 0, ()))
        for link in page.xpath("//link/@href | //script/@src"):
            self.assertEqual(self.web.ask(link if link.startswith("/") else f"{SRC}/{link}").code, 200, link)
        self.assertEqual(self.browser.get("/Applications/inbound/Other/src/Jabber.asp").code, 404)
        self.assertEqual(self.web.ask("/Applications/inbound/Other/src/gadget.webmanifest").code, 404)

    def test_language_of_the_server(self) -> None:
        self.web.admission.apply(replace(self.web.settings, language="fr"))
        self.log_in("ara")
        self.assertEqual(html.fromstring(self.browser.get(PAGE).text).get("lang"), "fr")

    def test_policy(self) -> None:
        self.log_in()
        policy = self.policy(Host="calls.example.com:8080")
        self.assertEqual(policy["connect-src"], "'self' ws://calls.example.com:8080")
        self.assertEqual((policy["script-src"], policy["style-src"], policy["media-src"]), ("'self'",) * 3)
        self.assertEqual((policy["img-src"], policy["default-src"]), ("'self' data:", "'none'"))
        self.assertEqual(policy["frame-ancestors"], "'self'")
        self.web.admission.apply(replace(self.web.settings, http=HttpSettings(trusted_proxies=("127.0.0.1",))))
        self.log_in()
        # Over TLS the cookie has another name: the policy is looked at on the way in.
        self.browser.headers = {"X-Forwarded-Proto": "https", "Host": "calls.example.com"}
        self.log_in()
        answer = self.browser.get(PAGE)
        self.assertIn("connect-src 'self' wss://calls.example.com;", answer.headers["content-security-policy"])

    def test_frames(self) -> None:
        self.web.admission.apply(replace(self.web.settings, http=HttpSettings(framed_by=("https://*.webex.com",))))
        self.log_in()
        self.assertEqual(self.policy()["frame-ancestors"], "'self' https://*.webex.com")
        self.assertNotIn("x-frame-options", self.browser.get(PAGE).headers)

    def test_manifest(self) -> None:
        answer = self.web.ask(f"{SRC}/gadget.webmanifest")
        self.assertEqual(answer.headers["content-type"], "application/manifest+json; charset=utf-8")
        manifest = json.loads(answer.text)
        self.assertEqual((manifest["name"], manifest["start_url"], manifest["display"]),
                         ("MA Group", "Jabber.asp", "standalone"))  # fmt: skip
        for icon in manifest["icons"]:
            found = self.web.ask(icon["src"])
            self.assertEqual((found.code, found.headers["content-type"]), (200, icon["type"]))
