"""What every page does with requests: languages, wrong parameters, pages that are not there."""

from dataclasses import replace

from tests.web.phone.server import PhoneCase


class PageTests(PhoneCase):
    async def test_no_such_page(self) -> None:
        shown = await self.page("nothing")
        self.assertEqual((shown.code, shown.text), (200, "There is no such page."))
        self.assertEqual(list(shown.keys), ["Exit", "Back"])

    async def test_no_such_service(self) -> None:
        home = f"http://{self.host}/Applications/inbound"
        services = "MAGroup/src/IndependentServices.asp"
        for path in (f"{services}?action=x", services, "MAGroup/src/Nothing.asp", "Other/src/PhoneMenu.asp"):
            self.assertEqual((await self.load(f"{home}/{path}")).code, 404, path)

    async def test_names_of_services_are_compared_without_case(self) -> None:
        self.assertEqual((await self.at("independentservices.ASP?ACTION=x&action=CHANGEGROUP")).title, "Change group")

    async def test_the_device_by_its_other_parameter(self) -> None:
        shown = await self.load(f"http://{self.host}/phone/group?name=sep000000001175")
        self.assertEqual(shown.title, "Change group")

    async def test_nobodys_line(self) -> None:
        configuration = self.current.value
        phones = tuple(replace(phone, lines=()) for phone in configuration.phones)
        self.current.value = configuration.changed(phones=phones)
        self.assertEqual((await self.page("group")).text, "Nobody has the line of this phone.")

    async def test_the_language_is_the_users_else_the_phones(self) -> None:
        url = f"http://{self.host}/phone/group?device=SEP000000001175"
        self.assertEqual((await self.load(url, **{"Accept-Language": "de_DE"})).title, "Gruppe wechseln")
        self.assertEqual((await self.load(url, **{"Accept-Language": "xx"})).title, "Change group")
        users = tuple(replace(user, language="fr") for user in self.current.value.users)
        self.current.value = self.current.value.changed(users=users)
        self.assertEqual((await self.load(url)).title, "Changer de groupe")

    async def test_wrong_parameters(self) -> None:
        for value in ("x", "-1", "1" * 10_000, "1\0", "٣", "1.5", "99999999999"):
            with self.subTest(value[:20]):
                shown = await self.page("show-group", group=value)
                self.assertEqual(shown.text, "What was entered cannot be used.")
        url = f"http://{self.host}/phone/show-group?device=SEP000000001175"
        for query in ("&group=0&group=45", "&group=%ff", "&" + "a=1&" * 200, "&group="):
            with self.subTest(query[:20]):
                self.assertEqual((await self.load(url + query)).title, "Not possible")
        self.assertEqual(self.current.value.line("1175").displayed_group, 45)  # type: ignore[union-attr]

    async def test_it_can_be_sent_as_a_form(self) -> None:
        url = f"http://{self.host}/phone/show-group"
        reply = await self.curl(url, "-d", "device=SEP000000001175&group=0")
        self.assertIn("No group is shown now.", reply.body)

    async def test_the_database_is_away(self) -> None:
        await self.database.run(lambda connection: connection.exec_driver_sql("DROP TABLE lines"))
        shown = await self.page("show-group", group=0)
        self.assertEqual(shown.text, "It cannot be saved now. Try again later.")
        self.assertEqual(self.current.value.line("1175").displayed_group, 45)  # type: ignore[union-attr]
