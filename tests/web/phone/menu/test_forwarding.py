"""Set forwarding: lines of members, applications of managers, for oneself and others; circles and other refusals."""

from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.people import Privilege
from tests.web.phone.menu.case import ARADHANA, GABRIELA, MARIA, MenuCase, with_member, with_user

COLLEAGUES = ["Maria Rossi", "Aradhana Jaggi", "Léonard Saligny"]


class OwnForwardingTests(MenuCase):
    def edited(self, configuration: Configuration) -> Configuration:
        return with_user(configuration, "Rafael.Hidalgo", mobile="+41791234567", voicemail="8000")

    async def test_members_line(self) -> None:
        menu = await self.at("IndependentServices.asp?action=setForwarding")
        self.assertEqual(menu.title, "My forwarding: No Forwarding")
        self.assertEqual(list(menu.items), ["> No Forwarding", "Voicemail", "Mobile", "To Number", *COLLEAGUES])
        done = await self.load(menu.items["Mobile"])
        self.assertEqual(done.text, "Forwarding is now: Mobile (+41791234567)")
        now = self.forwarding.of_line("1175")
        self.assertEqual((now.to, now.changed_by), (ForwardTo.MOBILE, "Rafael.Hidalgo"))
        self.assertEqual(list((await self.page("forwarding")).items)[2], "> Mobile")
        await self.load(menu.items["> No Forwarding"])
        self.assertFalse(self.forwarding.of_line("1175"))

    async def test_number(self) -> None:
        form = await self.load((await self.page("forwarding")).items["To Number"])
        self.assertEqual((form.kind, form.fields), ("CiscoIPPhoneInput", ["number"]))
        self.assertEqual(form.root.findtext("InputItem/InputFlags"), "T")
        url = form.root.findtext("URL")
        self.assertEqual((await self.load(url + "&number=%2341315311111")).text, "Forwarding is now: +41315311111")
        menu = await self.page("forwarding")
        self.assertEqual(menu.title, "My forwarding: +41315311111")
        form = await self.load(menu.items["> To Number: +41315311111"])
        self.assertEqual(form.root.findtext("InputItem/DefaultValue"), "#41315311111")
        self.assertEqual((await self.load(url + "&number=")).text, "Please enter a number.")
        self.assertEqual((await self.load(url + "&number=12ab")).text, "12ab is no phone number.")
        self.assertEqual((await self.load(url + "&number=" + "1" * 41)).text, "What was entered cannot be used.")
        self.assertEqual(self.forwarding.of_line("1175").number, "+41315311111")

    async def test_member_and_circle(self) -> None:
        menu = await self.page("forwarding")
        self.assertEqual((await self.load(menu.items["Aradhana Jaggi"])).text, "Forwarding is now: Aradhana Jaggi")
        self.assertIn("> Aradhana Jaggi", await self.names("forwarding"))
        back = await self.page("forwarding", ARADHANA)
        refused = await self.load(back.items["Rafael Hidalgo"])
        self.assertEqual(refused.text, "Calls would go round in a circle: 1068 → 1175 → 1068.")
        self.assertFalse(self.forwarding.of_line("1068"))

    async def test_managers_application(self) -> None:
        menu = await self.page("forwarding", MARIA)
        self.assertEqual(list(menu.items)[:3], ["> No Forwarding", "Group", "To Number"])
        self.assertEqual((await self.load(menu.items["Group"])).text, "Forwarding is now: Group")
        self.assertIs(self.forwarding.of_member(72).to, ForwardTo.GROUP)
        self.assertFalse(self.forwarding.of_line("1071"))

    async def test_refused(self) -> None:
        for query, text in (
            ({"member": 198, "to": "group"}, "A line cannot be forwarded to the group."),
            ({"member": 198, "to": "nowhere"}, "What was entered cannot be used."),
            ({"member": 198, "to": "member", "target": 279}, "There is no such member."),
            ({"member": 198, "to": "member"}, "The member to forward to does not exist."),
            ({"member": 72, "to": "none"}, "You may not do this."),
            ({"member": 279, "to": "none"}, "There is no such member."),
            ({"to": "none"}, "There is no such member."),
        ):
            self.assertEqual(await self.told("set-forward", **query), text)
        self.assertEqual(await self.told("forward-of"), "You may not do this.")
        self.assertEqual(await self.told("forward", member=72), "You may not do this.")
        self.assertEqual(await self.told("forward-member", member=198, group=64), "There is no such group.")
        self.assertEqual(await self.told("set-forward", ARADHANA, member=102, to="mobile"),
                         "There is no mobile number to forward to.")  # fmt: skip


class SeveralRolesTests(MenuCase):
    """Gabriela manages 26 and assists in 45 and 64; Rafael is in 45 and 64."""

    def edited(self, configuration: Configuration) -> Configuration:
        configuration = with_member(configuration, 900, 45, "Gabriela.Kronberger")
        configuration = with_member(configuration, 901, 64, "Gabriela.Kronberger")
        return with_member(configuration, 902, 64, "Rafael.Hidalgo")

    async def test_which_one(self) -> None:
        menu = await self.page("forwarding", GABRIELA)
        self.assertEqual(list(menu.items), ["1st level support - No Forwarding", "Line 1077 - No Forwarding"])
        application = await self.load(menu.items["1st level support - No Forwarding"])
        self.assertEqual(list(application.items)[1], "Group")
        line = await self.load(menu.items["Line 1077 - No Forwarding"])
        self.assertEqual(list(line.items), ["> No Forwarding", "To Number", "Accounting", "Sales"])
        members = await self.load(line.items["Accounting"])
        self.assertEqual((members.title, len(members.items)), ("Accounting", 4))
        await self.load(members.items["Rafael Hidalgo"])
        self.assertEqual(self.forwarding.of_line("1077").member_id, 198)
        self.assertFalse(self.forwarding.of_member(27))
        self.assertEqual(list((await self.page("forwarding", GABRIELA)).items)[1], "Line 1077 - Rafael Hidalgo")

    async def test_one_line_in_two_groups(self) -> None:
        self.assertEqual(await self.names("forwarding"), ["> No Forwarding", "To Number", "Accounting", "Sales"])


class TeamForwardingTests(MenuCase):
    privileges = {"Rafael_Hidalgo": frozenset({Privilege.TEAMMATE_STATUS})}

    async def test_another_ones(self) -> None:
        menu = await self.page("forwarding")
        self.assertEqual(list(menu.items), ["My forwarding", "Team member forwarding"])
        members = await self.load(menu.items["Team member forwarding"])
        manager = await self.load(members.items["Maria Rossi"])
        self.assertEqual(manager.title, "Maria Rossi: No Forwarding")
        done = await self.load(manager.items["Group"])
        self.assertEqual((done.title, done.text), ("Maria Rossi", "Forwarding is now: Group"))
        self.assertEqual(self.forwarding.of_member(72).changed_by, "Rafael.Hidalgo")
        assistant = await self.load(members.items["Aradhana Jaggi"])
        self.assertNotIn("Group", assistant.items)
        await self.load(assistant.items["Rafael Hidalgo"])
        self.assertEqual(self.forwarding.of_line("1068").member_id, 198)

    async def test_member_that_has_gone(self) -> None:
        """A forwarding of the book is none while its target is away."""
        self.forwarding.set_line("1068", Forwarding(ForwardTo.MEMBER, member_id=103))
        members = tuple(one for one in self.current.value.members if one.id != 103)
        self.current.replace(self.current.value.changed(members=members))
        self.assertEqual((await self.page("forward", member=102)).title, "Aradhana Jaggi: No Forwarding")
