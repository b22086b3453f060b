"""Parameters and decisions that the manual's examples do not show."""

from dataclasses import replace

from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Overflow, OverflowTo, ShowVipCalls, VipRouting
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from tests.web.rest.company import COMPANY, SOUNDS
from tests.web.rest.server import RestCase

OK = "OK"
HUGE = str(2**70)


class Groups(RestCase):
    """What parameters of groups mean."""

    async def setUp(self) -> None:
        await self.serve(COMPANY)
        self.ship(*SOUNDS)

    async def test_defaults(self) -> None:
        reply = await self.ask("groups/addGroup.asp", gr_name="  New & <b>  ")
        group = self.current.value.group_by_id[int(reply.id or 0)]
        self.assertEqual(
            group, replace(COMPANY.groups[1], id=group.id, name="New & <b>")
        )  # fmt: skip
        reply = await self.ask("groups/getGroups.asp", gr_name="<B>")
        self.assertEqual(reply.xml.findtext("Response/group/name"), "New & <b>")

    async def test_every_overflow(self) -> None:
        for sent, stored, shown in (
            ("busy", Overflow(OverflowTo.BUSY), "-3"),
            ("-3", Overflow(OverflowTo.BUSY), "-3"),
            ("voicemail:4711", Overflow(OverflowTo.VOICEMAIL, "4711"), "voicemail:4711"),
            ("Group:26", Overflow(OverflowTo.GROUP, "26"), "group:26"),
            ("4321", Overflow(OverflowTo.NUMBER, "4321"), "4321"),
            ("-1", Overflow(), "-1"),
        ):
            self.assertEqual(await self.word("groups/editGroup.asp", gr_id="45", gr_overflow=sent), OK)
            self.assertEqual(self.current.value.group_by_id[45].overflow, stored)
            reply = await self.ask("groups/getGroups.asp", gr_id="45")
            self.assertEqual(reply.xml.findtext("Response/group/overflow"), shown)

    async def test_words_and_digits(self) -> None:
        for name, sent, field, value in (
            ("gr_showVIPcall", "manager", "show_vip_calls", ShowVipCalls.MANAGER),
            ("gr_showVIPCALL", "2", "show_vip_calls", ShowVipCalls.MARKED),
            ("gr_showVIPCall", "ALL", "show_vip_calls", ShowVipCalls.ALL),
            ("gr_VIPCallsRouting", "1", "vip_routing", VipRouting.MANAGER_ONLY),
            ("gr_ringParallel", "True", "ring_parallel", True),
            ("gr_ringParallel", "0", "ring_parallel", False),
            ("gr_VIPThreshold", "9999999999999999999999", "vip_threshold", 6),
            ("gr_VIPThreshold", "0", "vip_threshold", 0),
            ("GR_WELCOME", "WELCOME.wav", "welcome", "Welcome.wav"),
            ("gr_welcome", "", "welcome", ""),
            ("gr_managerTimeout", "", "manager_timeout", 0),
            ("gr_mngCallAlarm", "Whatever.raw", "manager_alarm", "Whatever.raw"),
            ("gr_assistCallAlarmJ", "analog1.MP3", "assistant_alarm_gadget", "Analog1.mp3"),
            ("gr_callerName", "=cmd|' /C calc'!A0 <b> Ñ 📞", "caller_name", "=cmd|' /C calc'!A0 <b> Ñ 📞"),
        ):
            self.assertEqual(await self.word("Groups/EDITGROUP.ASP", gr_id="45", **{name: sent}), OK)
            self.assertEqual(getattr(self.current.value.group_by_id[45], field), value, name)
        self.assertEqual(self.current.value.group_by_id[45].number, "5555")

    async def test_filters(self) -> None:
        async def ids(**parameters: str) -> list[str]:
            reply = await self.ask("groups/getGroups.asp", "GET", **parameters)
            return [element.text or "" for element in reply.xml.findall("Response/group/id")]

        self.assertEqual(await ids(), ["26", "29", "45", "64", "71", "2504"])
        self.assertEqual(await ids(gr_name="SUPPORT", gr_id="71"), ["71"])
        self.assertEqual(await ids(gr_id="45"), ["45"])
        self.assertEqual(await ids(gr_id="9"), [])

    async def test_a_deleted_group(self) -> None:
        self.assertEqual(await self.word("groups/editGroup.asp", gr_id="26", gr_overflow="group:45"), OK)
        self.assertEqual(await self.word("groups/deleteGroup.asp", "GET", gr_id="45"), OK)
        stored = await self.stored()
        self.assertEqual(stored.group_by_id[26].overflow, Overflow())
        self.assertEqual({line.displayed_group for line in stored.lines}, {0})
        self.assertEqual([change.what for change in self.changes if not change.new].count("member"), 4)


class Announcements(RestCase):
    """Priorities."""

    async def test_priorities(self) -> None:
        await self.serve(COMPANY)
        self.ship(*SOUNDS)
        add = "announcements/addAnnouncement.asp"
        self.assertEqual(await self.word(add, gr_id="45", an_wave="Welcome.wav", an_priority="1"), OK)
        self.assertEqual(await self.word(add, gr_id="45", an_wave="busy.wav", an_priority="99"), OK)
        self.assertEqual(await self.word("announcements/deleteAnnouncement.asp", "GET", an_id="633"), OK)
        stored = await self.stored()
        self.assertEqual(
            [(one.wave, one.priority) for one in stored.announcements_of(45)],
            [("Welcome.wav", 1), ("music_folk.wav", 2), ("busy.wav", 3)],
        )


class Members(RestCase):
    """What parameters of members mean."""

    async def setUp(self) -> None:
        await self.serve(COMPANY)

    def shown_at(self, number: str) -> int:
        line = self.current.value.line(number)
        assert line is not None
        return line.displayed_group

    async def test_displayed_group(self) -> None:
        add = {"gr_id": "71", "usr_Name": "Rafael.Hidalgo", "mb_number": "1175"}
        for sent, shown in (({"displayedGroup": "-1"}, 45), ({"displayedGroup": "71"}, 71), ({}, 0)):
            self.assertEqual(await self.word("members/addMember.asp", **add, **sent), OK)
            self.assertEqual(self.shown_at("1175"), shown)
            self.assertEqual(await self.word("members/deleteMember.asp", usr_Name="rafael.hidalgo", gr_id="71"), OK)
        self.assertEqual(await self.word("members/editMember.asp", mb_id="102", gm_shortName="A"), OK)
        self.assertEqual(self.shown_at("1068"), 45)
        self.assertEqual(await self.word("members/editMember.asp", mb_id="102", displayedGroup="0"), OK)
        self.assertEqual(self.shown_at("1068"), 0)

    async def test_by_user_name(self) -> None:
        """Every membership of the user, or that in the group."""
        add = {"usr_Name": "Rafael.Hidalgo", "mb_number": "1175"}
        for group in ("64", "71"):
            self.assertEqual(await self.word("members/addMember.asp", gr_id=group, **add), OK)
        edit = {"usr_Name": "RAFAEL.hidalgo", "gm_shortName": "Raffi"}
        self.assertEqual(await self.word("members/editMember.asp", gr_id="64", **edit), OK)
        self.assertEqual(self.short_names(), ["Raf", "Raffi", "Raf"])
        self.assertEqual(await self.word("members/editMember.asp", **edit), OK)
        self.assertEqual(self.short_names(), ["Raffi", "Raffi", "Raffi"])
        self.assertEqual(await self.word("members/deleteMember.asp", usr_Name="Rafael.Hidalgo"), OK)
        self.assertEqual(self.short_names(), [])
        await self.stored()

    def short_names(self) -> list[str]:
        return [member.short_name for member in self.current.value.members_of_user("rafael.hidalgo")]

    async def test_a_second_phone(self) -> None:
        add = {"gr_id": "45", "usr_Name": "Maria.Rossi", "mb_number": "1201"}
        self.assertEqual(await self.word("members/addMember.asp", **add), OK)
        listed = "Leonard.Saligny, aradhana.jaggi ,Rafael.Hidalgo,Maria.Rossi,MARIA.ROSSI"
        self.assertEqual(await self.word("members/orderByUserList.asp", gr_id="45", usr_list=listed), OK)
        members = self.current.value.members_of(45)
        self.assertEqual([member.number for member in members], ["1071", "1069", "1068", "1175", "1201"])
        self.assertTrue(members[0].is_manager)

    async def ids(self, **parameters: str) -> list[int]:
        reply = await self.ask("members/getMembers.asp", "GET", **parameters)
        return [int(element.text or "") for element in reply.xml.findall("Response/member/id")]

    async def test_filters(self) -> None:
        everybody = [27, 72, 198, 102, 103, 278, 279, 280, 281]
        for parameters, expected in (
            ({}, everybody),
            ({"mb_id": "198"}, [198]),
            ({"mb_id": HUGE}, []),
            ({"gm_type": "1"}, [27, 72]),
            ({"usr_Name": "MARIA.ROSSI"}, [72]),
            ({"usr_Name": "maria"}, []),
            ({"firstName": "MARI"}, [72, 278]),
            ({"firstName": "éo"}, [103]),
            ({"lastName": "o", "gr_id": "64"}, [278, 279, 281]),
            ({"mb_number": "1175"}, [198]),
            ({"mb_number": "117"}, []),
            ({"gm_shortName": "ar"}, [72, 102, 278]),
            ({"gm_shortName": "ar", "gm_type": "0"}, [102, 278]),
            ({"gr_id": "9"}, []),
        ):
            self.assertEqual(await self.ids(**parameters), expected, parameters)

    async def state(self, id: int) -> dict[str, str]:
        reply = await self.ask("members/getMembers.asp", mb_id=str(id))
        (member,) = reply.xml.findall("Response/member")
        return {child.tag: child.text or "" for child in member}

    async def test_what_members_are_doing(self) -> None:
        """Each change is seen in the next answer."""
        manager = await self.state(72)
        self.assertEqual((manager["index"], manager["type"], manager["lineState"]), ("0", "1", "0"))
        self.assertEqual((await self.state(278))["index"], "1")
        set_it = {"mb_id": "198", "presenceState": "3", "presenceMessage": "In <a> meeting & more"}
        self.assertEqual(await self.word("members/setPresence.asp", **set_it), OK)
        state = await self.state(198)
        self.assertEqual((state["userState"], state["statusMessage"]), ("3", "In <a> meeting & more"))
        self.forwarding.set_line("1175", Forwarding(ForwardTo.NUMBER, "0791112233"))
        self.assertEqual((await self.state(198))["forwardDestination"], "0791112233")
        self.forwarding.set_application(72, Forwarding(ForwardTo.MEMBER, member_id=102))
        self.assertEqual((await self.state(72))["forwardDestination"], "1068")
        self.assertEqual((await self.state(102))["forwardDestination"], "")
        self.forwarding.set_application(72, Forwarding(ForwardTo.GROUP))
        self.assertEqual((await self.state(72))["forwardDestination"], "group")
        call = self.switch.arrive("0319998877", "1068", "Bob")
        self.assertEqual((await self.state(102))["lineState"], "1")
        self.switch.device_answers(call, "1068")
        self.assertEqual((await self.state(102))["lineState"], "2")
        self.switch.device_holds(call, "1068")
        self.assertEqual((await self.state(102))["lineState"], "4")
        self.switch.caller_hangs_up(call)
        self.assertEqual((await self.state(102))["lineState"], "0")
        self.switch.set_in_service("1068", False)
        self.assertEqual((await self.state(102))["lineState"], "3")
        self.assertEqual(len(self.states), 0)

    async def test_presence_is_the_persons(self) -> None:
        self.assertEqual(await self.word("members/setPresence.asp", usr_Name="CHIYO.fujimoto", presenceState="6"), OK)
        self.assertEqual(self.presence.get("chiyo.fujimoto").value, Presence.UNAVAILABLE)
        # An id goes before a name.
        both = {"mb_id": "279", "usr_Name": "Nobody", "presenceState": "0", "presenceMessage": "gone with 0"}
        self.assertEqual(await self.word("members/setPresence.asp", **both), OK)
        self.assertEqual(self.presence.get("chiyo.fujimoto").message, "")

    async def test_whose_presence_may_be_set(self) -> None:
        """Everybody the own, with TeammateStatus within shared groups, with Admin as well within all (spec 2)."""
        teammate, admin = Privilege.TEAMMATE_STATUS.value, Privilege.ADMIN.value
        for user, privileges, code in (
            ("chiyo.FUJIMOTO", (), 200),
            ("Romeo.Girard", (), 403),
            ("Romeo.Girard", (teammate,), 200),
            ("Maria.Rossi", (teammate,), 403),
            ("Maria.Rossi", (admin,), 403),
            ("Maria.Rossi", (teammate, admin), 200),
        ):
            self.admission.as_user = (user, frozenset(privileges))
            reply = await self.ask("members/setPresence.asp", mb_id="279", presenceState="1")
            self.assertEqual(reply.code, code, (user, privileges))
        self.assertEqual(self.presence.get("chiyo.fujimoto").changed_by, "chiyo.FUJIMOTO")


class Others(RestCase):
    """VIPs, service URLs, names and lists."""

    async def setUp(self) -> None:
        await self.serve(COMPANY)

    async def test_vip_filters(self) -> None:
        async def ids(**parameters: str) -> list[str]:
            reply = await self.ask("vip/getVIPNumbers.asp", **parameters)
            return [element.text or "" for element in reply.xml.findall("Response/VIPNumber/id")]

        self.assertEqual(await ids(), ["715", "253", "260", "288"])
        self.assertEqual(await ids(vn_number="1077"), ["253"])
        self.assertEqual(await ids(vn_number="+1 509 xxxxxxx", mb_id="72"), ["260"])
        self.assertEqual(await ids(mb_id="9"), [])

    async def test_urls_of_each_service(self) -> None:
        for service, tag, end in (
            ("MainMenu", "MainMenu", "PhoneMenu.asp?device=#DEVICENAME#"),
            ("lbuttonservice", "lButtonService", "OneButton.asp?device=#DEVICENAME#"),
            ("PickupCalls", "PickupCall", "IndependentServices.asp?action=pickupCalls&device=#DEVICENAME#"),
            ("setforwarding", "SetForwarding", "IndependentServices.asp?action=setForwarding&device=#DEVICENAME#"),
        ):
            reply = await self.ask("services/getPhoneServiceURLs.asp", "GET", service=service)
            url = f"http://{self.host}/Applications/inbound/MAGroup/src/{end}"
            self.assertEqual(reply.xml.findtext(f"Response/{tag}"), url)
            self.assertEqual(reply.xml.findtext("Request"), "services")

    async def test_public_url(self) -> None:
        self.public_url = "https://calls.example.com/"
        reply = await self.ask("services/getIntegrationURLs.asp", login="COC")
        self.assertEqual(
            reply.xml.findtext("Response/IntegrationURL"),
            "https://calls.example.com/LogonPage.asp?page=/Applications/inbound/MAGroup/src/Jabber.asp"
            "&user=%user%&pwd=%pwd%",
        )

    async def test_long_lists(self) -> None:
        many: Configuration = COMPANY.changed(
            vips=tuple(replace(COMPANY.vips[0], id=id, number=str(id), description="<&>") for id in range(1, 3000))
        )
        await self.serve(many)
        reply = await self.ask("vip/getVIPNumbers.asp")
        self.assertEqual(len(reply.xml.findall("Response/VIPNumber")), 2999)
