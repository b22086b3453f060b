"""Settings: who sees them, and the URLs for phones and other programs."""

from magroup.model.people import Privilege as P
from magroup.web.integration import jabber_config, phone_service_urls
from tests.web.admin.site import AdminCase, company


class Urls(AdminCase):
    """What administrators copy."""

    def test_by_privileges(self) -> None:
        for privilege in P:
            self.begin(company(Maria_Rossi=(privilege,)))
            self.assertEqual(self.browser.at("settings").code, 200 if privilege is P.SETTINGS else 403, privilege)

    def test_all_are_there(self) -> None:
        page = self.browser.page("settings")
        urls = page.xpath("//main//input/@value")
        site = urls[0].partition("/Applications/")[0]
        self.assertEqual(urls[:9], list(phone_service_urls(site, "MA Group").values()))
        self.assertEqual(len(urls), 12)
        (jabber,) = page.xpath("//textarea")
        self.assertEqual(jabber.text, jabber_config(site, "MA Group").strip())
        ids = set(page.xpath("//@id"))
        self.assertLessEqual(set(page.xpath("//@data-copy")), ids)
