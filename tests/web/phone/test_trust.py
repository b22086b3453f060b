"""Whom the device name is believed: who asks from the phone's own address, or with its token (spec 5)."""

from dataclasses import replace

from magroup.model.lines import Registration
from magroup.model.settings import PhonesSettings
from tests.web.phone.server import PhoneCase, Shown

RAFAEL = "SEP000000001175"


class TrustTests(PhoneCase):
    async def known_at(self, address: str, token: str = "") -> None:
        """Rafael's phone is set up with this address and token."""
        self.current.value = self.current.value.changed(
            phones=tuple(
                replace(phone, address=address, token=token) if phone.device_name == RAFAEL else phone
                for phone in self.current.value.phones
            )
        )

    def registered(self, address: str, instance: str = "") -> None:
        """Rafael's line is registered from there."""
        self.registrations["1175"] = [
            Registration("1175", "sip:a@b", "call", 1, 1e12, received=(address, 5060), instance=instance)
        ]

    def assert_refused(self, shown: Shown) -> None:
        self.assertEqual((shown.kind, shown.title), ("CiscoIPPhoneText", "Not possible"))
        self.assertIn("not known here", shown.text)
        self.assertEqual(len([line for line in self.lines if "is refused" in line]), 1, self.lines)

    async def test_from_its_address(self) -> None:
        self.assertEqual((await self.page("group")).title, "Change group")

    async def test_from_another_address(self) -> None:
        await self.known_at("127.0.0.2")
        self.assert_refused(await self.page("group"))
        self.assert_refused(await self.page("group"))

    async def test_a_device_that_is_not_known_looks_the_same(self) -> None:
        await self.known_at("127.0.0.2")
        answers = [await self.page("group"), await self.page("group", "SEPFFFFFFFFFFFF"), await self.page("group", "")]
        self.assertEqual(len({answer.body for answer in answers}), 1)

    async def test_from_where_it_has_registered(self) -> None:
        await self.known_at("")
        self.assert_refused(await self.page("group"))
        self.registered("127.0.0.1")
        self.assertEqual((await self.page("group")).title, "Change group")

    async def test_another_phone_with_the_same_line(self) -> None:
        await self.known_at("")
        self.registered("127.0.0.1", '"<urn:uuid:00000000-0000-0000-0000-0000deadbeef>"')
        self.assert_refused(await self.page("group"))

    async def test_a_phone_of_another_make(self) -> None:
        await self.known_at("")
        self.registered("127.0.0.1", "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>")
        self.assertEqual((await self.page("group")).title, "Change group")

    async def test_the_very_phone(self) -> None:
        await self.known_at("")
        self.registered("127.0.0.1", "<urn:uuid:00000000-0000-0000-0000-000000001175>")
        self.assertEqual((await self.page("group")).title, "Change group")

    async def test_an_address_that_only_a_proxy_tells(self) -> None:
        url = f"http://{self.host}/phone/group?device={RAFAEL}"
        self.assert_refused(await self.load(url, **{"X-Forwarded-For": "127.0.0.1"}))

    async def test_a_token(self) -> None:
        await self.known_at("127.0.0.2", "Secret")
        menu = await self.page("group", token="Secret")
        self.assertEqual(menu.title, "Change group")
        self.assertIn("token=Secret", menu.items["<No Group>"])
        self.assert_refused(await self.page("group", token="secret"))
        self.assertFalse([line for line in self.lines if "Secret" in line])

    async def test_no_token_is_none(self) -> None:
        await self.known_at("127.0.0.2")
        self.assert_refused(await self.page("group", token=""))

    async def test_names_are_cut_and_quoted_in_the_log(self) -> None:
        await self.page("group", "A\r\nforged: line" + "x" * 1000)
        (line,) = (line for line in self.lines if "is refused" in line)
        self.assertIn(r"A\r\nforged", line)
        self.assertLess(len(line), 200)


class ClosedNetworkTests(PhoneCase):
    phones = PhonesSettings(trust_device_name=True)

    async def test_the_name_is_enough(self) -> None:
        self.current.value = self.current.value.changed(
            phones=tuple(replace(phone, address="127.0.0.2") for phone in self.current.value.phones)
        )
        self.assertEqual((await self.page("group")).title, "Change group")
        self.assertEqual((await self.page("group", "SEP0")).title, "Not possible")
