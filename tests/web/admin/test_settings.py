"""The tab Settings: URLs for other programs, settings changed, refused, taken away, and two who change them."""

from magroup.model.people import Privilege as P
from tests.web.admin.site import AdminCase, company

HTTP = "settings/one?of=calls.max_calls"


class Settings(AdminCase):
    """By somebody who has the privilege."""

    def test_seen_by(self) -> None:
        for privileges in ((P.SETTINGS,), (P.ADMIN, P.GROUPS, P.VIP_LIST, P.USER_ADMINISTRATION), ()):
            self.begin(company(Maria_Rossi=privileges))
            for path in ("settings", HTTP):
                self.assertEqual(self.browser.at(path).code, 200 if P.SETTINGS in privileges else 403, privileges)

    def test_urls(self) -> None:
        page = self.browser.page("settings")
        urls = page.xpath("//input[@readonly]/@value")
        self.assertEqual(len(urls), 12)
        self.assertTrue(all("/Applications/inbound/MA%20Group/src/" in url for url in urls), urls)
        self.assertIn("<page ", page.xpath("//textarea[@id='jabber']")[0].text)
        self.assertEqual(len(page.xpath("//button[@data-copy]")), 13)

    def test_general(self) -> None:
        values = {"public_url": "https://calls.example.com", "language": "de"}
        self.done(self.browser.fill("settings", **values), "saved")
        self.assertEqual(self.web.reload.settings.language, "de")
        self.assertEqual({change.key for change in self.web.changes}, set(values))
        self.refused(self.browser.fill("settings", public_url="javascript:alert(1)"), public_url="")

    def test_one(self) -> None:
        self.done(self.browser.fill(HTTP, **{"calls.max_calls": "7"}), "saved")
        self.assertEqual(self.web.reload.settings.calls.max_calls, 7)
        for text in ("0", "many", "1.5", "", "<b>", "9" * 400):
            page = self.refused(self.browser.fill(HTTP, **{"calls.max_calls": text}), **{"calls.max_calls": ""})
            self.assertEqual(page.xpath("//input[@id='calls.max_calls']/@value"), [text])
        self.assertEqual(self.web.reload.settings.calls.max_calls, 7)
        self.done(self.browser.fill(HTTP, do="reset"), "saved")
        self.assertEqual(self.web.reload.settings.calls.max_calls, 1000)
        self.assertEqual(self.browser.at("settings/one?of=nothing.here").code, 404)

    def test_two_writers(self) -> None:
        (form,) = self.browser.page(HTTP).xpath("//form[@method='post']")
        stale = dict(form.form_values())
        self.done(self.browser.fill(HTTP, **{"calls.max_calls": "7"}))
        answer = self.browser.send(HTTP, {**stale, "calls.max_calls": "8"})
        page = self.refused(answer, form="Somebody else")
        self.assertEqual(page.xpath("//input[@id='calls.max_calls']/@value"), ["8"])
        self.assertEqual(self.web.reload.settings.calls.max_calls, 7)

    def test_two_writers_of_several(self) -> None:
        (form,) = self.browser.page("settings").xpath("//form[@method='post']")
        stale = dict(form.form_values())
        self.done(self.browser.fill("settings", language="fr"))
        answer = self.browser.send("settings", {**stale, "public_url": "https://a.example"})
        (form,) = self.refused(answer, form="Somebody else").xpath("//form[@method='post']")
        self.done(self.browser.send("settings", dict(form.form_values())), "saved")
        settings = self.web.reload.settings
        self.assertEqual((settings.language, settings.public_url), ("fr", "https://a.example"))

    def test_secret(self) -> None:
        self.done(self.browser.fill("settings/one?of=redis.url", **{"redis.url": "redis://:hush@localhost/0"}))
        for path in ("settings", "settings/one?of=redis.url"):
            self.assertNotIn("hush", self.browser.at(path).text)
