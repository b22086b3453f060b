"""The URLs for other programs: in the API, as the XML services give them out, and followed by curl."""

from dataclasses import replace
from typing import Any

from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.people import Privilege
from magroup.web.integration import gadget_urls, jabber_config, phone_service_urls
from tests.web.api.mail import MailCase
from tests.web.api.server import ASSISTANT, company, header
from tests.web.rest.server import INSTANCE


class Urls(SynchronousTestCase):
    def test_names_that_need_care(self) -> None:
        """An instance may be called nearly anything."""
        name = 'A & B <c> "d" %/é'
        (page,) = etree.fromstring(f"<x>{jabber_config('https://a.example', name)}</x>")
        self.assertEqual((page.tag, dict(page.attrib)), ("page", {"refresh": "false", "preload": "true"}))
        self.assertEqual([child.tag for child in page], ["tooltip", "icon", "url"])
        self.assertEqual(page.findtext("tooltip"), name)
        path = "/Applications/inbound/A%20%26%20B%20%3Cc%3E%20%22d%22%20%25/%C3%A9/src/Jabber.asp"
        self.assertEqual(page.findtext("url"), f"https://a.example{path}")
        self.assertEqual(
            gadget_urls("https://a.example", name)["coc"],
            f"https://a.example/LogonPage.asp?page={path}&user=%user%&pwd=%pwd%",
        )
        self.assertTrue(all(" " not in url for url in phone_service_urls("https://a.example", name).values()))


class Resource(MailCase):
    """``/integration``."""

    async def integration(self, **headers: str) -> Any:
        return await self.done("GET", "/integration", **headers)

    async def test_as_the_xml_services_have_it(self) -> None:
        shown = await self.integration()
        xml = (await self.curl(self.url("services/getIntegrationURLs.asp"))).xml
        names = {"manual": "gadget", "auto": "gadget_auto_login", "coc": "gadget_operator_console"}
        for element, name in names.items():
            self.assertEqual(xml.findtext(f"Response/IntegrationURLs/{element}"), shown[name])
        services = (await self.curl(self.url("services/getPhoneServiceURLs.asp"))).xml.find("Response")
        assert services is not None
        self.assertEqual([(one.tag, one.text) for one in services],
                         [(one["name"], one["url"]) for one in shown["phone_services"]])  # fmt: skip
        self.assertEqual(shown["gadget"], f"http://{self.host}/Applications/inbound/{INSTANCE}/src/Jabber.asp")

    async def test_public_url(self) -> None:
        shown = await self.integration(Host="calls.example.com")
        self.assertTrue(shown["gadget"].startswith("http://calls.example.com/Applications/"))
        self.web_admission.apply(replace(self.web_admission.settings, public_url="https://calls.example.org/"))
        shown = await self.integration()
        self.assertTrue(shown["gadget"].startswith("https://calls.example.org/Applications/"))
        self.assertIn("<icon>https://calls.example.org/static/jabber.png</icon>", shown["jabber_config"])

    async def test_who_may(self) -> None:
        await self.refused(403, "GET", "/integration", bearer=await self.token(ASSISTANT))
        await self.refused(403, "GET", "/integration", bearer=self.mine)
        self.current.replace(replace(self.current.value, users=company(Rafael_Hidalgo=[Privilege.SETTINGS]).users))
        await self.done("GET", "/integration", bearer=await self.token(ASSISTANT, ["settings:read"]))

    async def test_automatic_login(self) -> None:
        """The URL with an account in it leads to the gadget, logged in; a wrong password to the login page."""
        shown = await self.integration()
        jar = str(self.folder / "jar")
        for url in (
            shown["gadget_auto_login"].replace("user=xxx", f"user={ASSISTANT}").replace("pwd=xxx", "pwd=secret"),
            shown["gadget_operator_console"].replace("%user%", ASSISTANT).replace("%pwd%", "secret"),
        ):
            reply = await self.curl("-c", jar, url)
            self.assertEqual((reply.code, header(reply, "Location")),
                             (302, f"/Applications/inbound/{INSTANCE}/src/Jabber.asp"))  # fmt: skip
            me = await self.curl("-b", jar, f"http://{self.host}/api/v1/me")
            self.assertEqual(me.json["user_name"], ASSISTANT)
        reply = await self.curl(shown["gadget_auto_login"].replace("xxx", "wrong"))
        self.assertEqual((reply.code, header(reply, "Location")), (403, ""))
        self.assertIn('value="/Applications/inbound/MAGroup/src/Jabber.asp"', reply.body)

    async def test_icon(self) -> None:
        reply, content = await self.loaded(f"http://{self.host}/static/jabber.png", bearer="")
        self.assertEqual((reply.code, reply.content_type, content[:4]), (200, "image/png", b"\x89PNG"))
