"""Each example of the REST services manual, sent with the real curl."""

from dataclasses import replace
from pathlib import Path

from lxml import etree

from magroup.model.groups import Member
from magroup.model.presence import Presence
from magroup.resources import sound
from tests.web.rest.company import COMPANY, SOUNDS
from tests.web.rest.server import RestCase, shape

OK = "<Callisto><Request>{}</Request><Response>OK</Response></Callisto>"
ID_AND_OK = "<Callisto><Request>{}</Request><Response><id>{}</id><status>OK</status></Response></Callisto>"


class Examples(RestCase):
    """By their place in the manual; ``<callisto>`` and ``<MAGroup>`` are this server, the credentials any."""

    async def setUp(self) -> None:
        await self.serve(COMPANY)
        self.ship(*SOUNDS)

    async def example(self, path: str, expected: str, *arguments: str) -> None:
        """The request of an example, and the answer that the manual prints."""
        reply = await self.curl("--user", "user:password", *arguments, self.url(path))
        self.assertEqual((reply.code, reply.content_type), (200, "text/xml; charset=utf-8"), reply)
        wanted = etree.fromstring(expected.replace("{host}", self.host).encode())
        self.assertEqual(shape(reply.xml), shape(wanted))
        self.assertEqual(self.lines, [])
        await self.stored()

    # Announcement functions

    async def test_add_announcement(self) -> None:
        await self.example(
            "announcements/addAnnouncement.asp", ID_AND_OK.format("addAnnouncements", 2504),
            "--data", "gr_id=2504&an_wave=Welcome.wav",
        )  # fmt: skip
        self.assertEqual([a.wave for a in self.current.value.announcements_of(2504)][-1], "Welcome.wav")

    async def test_delete_announcement(self) -> None:
        await self.example(
            "announcements/deleteAnnouncement.asp", OK.format("deleteAnnouncements"), "--data", "an_id=634"
        )  # fmt: skip
        self.assertEqual([one.id for one in self.current.value.announcements_of(45)], [633])

    async def test_edit_announcement(self) -> None:
        await self.example(
            "announcements/editAnnouncement.asp", OK.format("editAnnouncements"),
            "--data", "an_id=634&an_wave=welcome.wav",
        )  # fmt: skip
        self.assertEqual([one.wave for one in self.current.value.announcements_of(45)], ["busy.wav", "Welcome.wav"])

    async def test_get_announcements(self) -> None:
        expected = "".join(
            f"<announcement><id>{id}</id><wave>{wave}</wave><priority>{priority}</priority></announcement>"
            for id, wave, priority in (
                (19, "welcome.wav", 1),
                (22, "music_synth.wav", 3),
                (23, "busy.wav", 2),
                (24, "music_folk.wav", 4),
            )
        )
        await self.example(
            "announcements/getAnnouncements.asp",
            f"<Callisto><Request>getAnnouncements</Request><Response>{expected}</Response></Callisto>",
            "--data", "gr_id=2504",
        )  # fmt: skip

    async def test_reorder_announcements(self) -> None:
        await self.example(
            "announcements/reorderAnnouncements.asp", OK.format("reorderAnnouncements"), "--data", "an_id=634&move=up"
        )  # fmt: skip
        self.assertEqual([one.id for one in self.current.value.announcements_of(45)], [634, 633])

    # File management functions

    async def listed(self, function: str, tag: str, names: tuple[str, ...]) -> None:
        for file in (self.folder / "shipped").iterdir():
            file.unlink()
        self.ship(*names)
        elements = "".join(f"<{tag}>{name}</{tag}>" for name in names)
        await self.example(
            f"files/{function}.asp",
            f"<Callisto><Request>addAnnouncements</Request><Response>{elements}</Response></Callisto>",
        )

    async def test_get_mp3s(self) -> None:
        await self.listed(
            "getMP3s", "MP3File",
            ("Analog1.mp3", "Analog2.mp3", "AreYouThere.mp3", "Chime.mp3", "CiscoStandard.mp3", "CiscoSymphonic.mp3",
             "CiscoSynth.mp3", "MusicBox.mp3", "newCall.mp3", "Piano1.mp3", "Piano2.mp3"),
        )  # fmt: skip

    async def test_get_wavs(self) -> None:
        await self.listed(
            "getWAVs", "WAVFile",
            ("Music_01.wav", "Music_02.wav", "Music_03.wav", "Music_04.wav", "Welcome.wav", "Willkommen.wav"),
        )  # fmt: skip

    def my_file(self, name: str, like: str) -> str:
        path = Path(self.folder, "myfiles", name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sound(like).read_bytes())
        return f"upload=@{path}"

    async def test_upload_mp3(self) -> None:
        await self.example(
            "files/uploadMP3.asp", OK.format("uploadMP3"), "-F", self.my_file("Alert.mp3", "gadget/Chime.mp3")
        )  # fmt: skip
        self.assertEqual((self.folder / "tones/Alert.mp3").read_bytes(), sound("gadget", "Chime.mp3").read_bytes())

    async def test_upload_wav(self) -> None:
        await self.example(
            "files/uploadWAV.asp", OK.format("uploadWAV"), "-F", self.my_file("Music_Piano.wav", "Music.wav")
        )  # fmt: skip
        self.assertEqual((self.folder / "sounds/Music_Piano.wav").read_bytes(), sound("Music.wav").read_bytes())

    # Group management functions

    async def test_add_group(self) -> None:
        few = tuple(group for group in COMPANY.groups if group.id in (26, 29))
        gone = {45, 64, 2504}
        await self.serve(
            replace(
                COMPANY, groups=(*few, replace(COMPANY.groups[2], id=44, number="")),
                members=tuple(member for member in COMPANY.members if member.group_id not in gone),
                announcements=(), vips=(), lines=tuple(replace(line, displayed_group=0) for line in COMPANY.lines),
            )
        )  # fmt: skip
        self.ship(*SOUNDS)
        await self.example(
            "groups/addGroup.asp", ID_AND_OK.format("addGroup", 45),
            "--data", "gr_name=groupName&gr_welcome=Welcome.wav&gr_ringParallel=1&gr_number=555&gr_managerTimeout=10"
            "&gr_assistantTimeout=10&gr_overflow=4321&gr_showVIPCall=2&gr_assistantToMng=1&gr_showCalls=0"
            "&gr_mngCallAlarm=Harp.wav&gr_assistCallAlarm=Analog.wav&gr_VIPThreshold=3&gr_mngCallAlarmJ=Analog1.mp3"
            "&gr_assistCallAlarmJ=Analog2.mp3",
            "--data-urlencode", "gr_callerName=%managerShortName%**callerName%",
            "--data-urlencode", "gr_callerNumber=%managerNumber%**callerNumber%",
        )  # fmt: skip
        reply = await self.ask("groups/getGroups.asp", gr_id="45")
        (group,) = reply.xml.findall("Response/group")
        self.assertEqual(
            [child.text or "" for child in group],
            ["45", "groupName", "Welcome.wav", "1", "555", "10", "10", "4321", "2", "0", "1", "0",
             "%managerShortName%**callerName%", "%managerNumber%**callerNumber%", "Harp.wav", "Analog.wav", "3",
             "Analog1.mp3", "Analog2.mp3"],
        )  # fmt: skip

    async def test_delete_group(self) -> None:
        await self.example("groups/deleteGroup.asp", ID_AND_OK.format("deleteGroup", 45), "--data", "gr_id=45")
        self.assertNotIn(45, self.current.value.group_by_id)

    async def test_edit_group(self) -> None:
        await self.example(
            "groups/editGroup.asp", ID_AND_OK.format("editGroup", 45), "--data", "gr_id=45&gr_showCalls=1"
        )  # fmt: skip
        self.assertTrue(self.current.value.group_by_id[45].show_calls)

    async def test_get_groups(self) -> None:
        values = (
            ("id", "26"), ("name", "1st level support"), ("welcome", "Welcome.wav"), ("ringParallel", "0"),
            ("number", "5544"), ("managerTimeout", "10"), ("assistantTimeout", "10"), ("overflow", "5555"),
            ("showVIPCall", "1"), ("VIPCallsRouting", "0"), ("assistantToMng", "0"), ("showCalls", "1"),
            ("callerName", "%managerShortName%**callerName%"), ("callerNumber", "%managerNumber%**callerNumber%"),
            ("mngCallAlarm", "Analog1.raw"), ("assistCallAlarm", "Analog2.raw"), ("VIPThreshold", "5"),
            ("mngCallAlarmJ", "Analog1.mp3"), ("assistCallAlarmJ", "Analog2.mp3"),
        )  # fmt: skip
        plain = {"welcome": "", "number": "", "managerTimeout": "0", "assistantTimeout": "0", "overflow": "-1",
                 "callerName": "", "callerNumber": "", "mngCallAlarm": "", "assistCallAlarm": "",
                 "mngCallAlarmJ": "", "assistCallAlarmJ": ""}  # fmt: skip
        groups = [
            dict(values),
            {**dict(values), **plain, "id": "29", "name": "2nd level support"},
            {**dict(values), **plain, "id": "71", "name": "Internal support"},
        ]
        elements = "".join(
            f"<group>{''.join(f'<{name}>{value}</{name}>' for name, value in group.items())}</group>"
            for group in groups
        )  # fmt: skip
        await self.example(
            "groups/getGroups.asp", f"<Callisto><Request>getGroups</Request><Response>{elements}</Response></Callisto>",
            "--data", "gr_name=support",
        )  # fmt: skip

    # Member management functions

    async def with_member(self, id: int, is_there: bool) -> None:
        """Maria.Rossi is the member 221 of the group 45, or will be the next with that id."""
        kept = tuple(m for m in COMPANY.members if m.id in (198, 102, 103))
        maria = Member(id if is_there else 220, 45 if is_there else 71, "Maria.Rossi", "1071", "Mar", True, 1)
        await self.serve(replace(COMPANY, members=(*kept, maria), vips=()))
        if not is_there:
            self.assertEqual(await self.word("members/deleteMember.asp", mb_id="220"), "OK")

    async def test_add_member(self) -> None:
        await self.with_member(221, False)
        await self.example(
            "members/addMember.asp", ID_AND_OK.format("addMember", 221),
            "--data", "gr_id=45&usr_Name=Maria.Rossi&mb_number=1071&gm_shortName=Mar&gm_type=1",
        )  # fmt: skip
        self.assertEqual(self.current.value.manager_of(45), Member(221, 45, "Maria.Rossi", "1071", "Mar", True, 1))

    async def test_delete_member(self) -> None:
        await self.with_member(221, True)
        await self.example("members/deleteMember.asp", OK.format("deleteMember"), "--data", "mb_id=221&gr_id=45")
        self.assertIsNone(self.current.value.manager_of(45))

    async def test_edit_member(self) -> None:
        await self.with_member(221, True)
        await self.example(
            "members/editMember.asp", OK.format("editMember"), "--data", "mb_id=221&gr_id=45&gm_shortName=Ros"
        )  # fmt: skip
        self.assertEqual(self.current.value.member_by_id[221].short_name, "Ros")

    async def test_get_members(self) -> None:
        people = (
            (198, "Rafael", "Hidalgo", "1175", "Rafael.Hidalgo", 1, "Raf", 45),
            (102, "Aradhana", "Jaggi", "1068", "Aradhana.Jaggi", 2, "Ara", 45),
            (103, "Léonard", "Saligny", "1069", "Leonard.Saligny", 3, "Léo", 0),
        )
        elements = "".join(
            f"<member><id>{id}</id><firstName>{first}</firstName><lastName>{last}</lastName><number>{number}</number>"
            f"<type>0</type><grId>45</grId><userName>{user}</userName><index>{index}</index>"
            f"<shortName>{short}</shortName><displayedGroup>{shown}</displayedGroup><userState>0</userState>"
            "<forwardDestination></forwardDestination><statusMessage></statusMessage><lineState>0</lineState></member>"
            for id, first, last, number, user, index, short, shown in people
        )
        await self.example(
            "members/getMembers.asp",
            f"<Callisto><Request>getMembers</Request><Response>{elements}</Response></Callisto>",
            "--data", "gm_type=0&gr_id=45",
        )  # fmt: skip

    async def test_order_by_user_list(self) -> None:
        listed = "maria.santos,chiyo.fujimoto,romeo.girard,frederique.voclain"
        self.assertEqual(await self.word("members/reorderMembers.asp", mb_id="281", gr_id="64", move="up"), "OK")
        await self.example(
            "members/orderByUserList.asp", OK.format("orderByUserList"), "--data", f"gr_id=64&usr_list={listed}"
        )  # fmt: skip
        self.assertEqual([member.id for member in self.current.value.members_of(64)], [278, 279, 280, 281])

    async def test_reorder_members(self) -> None:
        await self.example(
            "members/reorderMembers.asp", OK.format("reorderMembers"), "--data", "mb_id=279&gr_id=64&move=up"
        )  # fmt: skip
        self.assertEqual([member.id for member in self.current.value.members_of(64)], [279, 278, 280, 281])

    async def test_set_presence(self) -> None:
        await self.example(
            "members/setPresence.asp", OK.format("setPresence"),
            "--data", "mb_id=279&presenceState=1&presenceMessage=Out%20for%20lunch",
        )  # fmt: skip
        state = self.presence.get("chiyo.fujimoto")
        self.assertEqual((state.value, state.message), (Presence.AWAY, "Out for lunch"))

    # Service functions

    async def test_get_integration_url(self) -> None:
        await self.example(
            "services/getIntegrationURLs.asp",
            "<Callisto><Request>getIntegrationURLs</Request><Response><IntegrationURL>"
            "http://{host}/Applications/inbound/MAGroup/src/Jabber.asp</IntegrationURL></Response></Callisto>",
            "--data", "login=manual",
        )  # fmt: skip

    async def test_get_integration_urls(self) -> None:
        login = "http://{host}/LogonPage.asp?page=/Applications/inbound/MAGroup/src/Jabber.asp"
        await self.example(
            "services/getIntegrationURLs.asp",
            "<Callisto><Request>getIntegrationURLs</Request><Response><IntegrationURLs>"
            "<manual>http://{host}/Applications/inbound/MAGroup/src/Jabber.asp</manual>"
            f"<auto>{login}&amp;user=xxx&amp;pwd=xxx</auto><coc>{login}&amp;user=%user%&amp;pwd=%pwd%</coc>"
            "</IntegrationURLs></Response></Callisto>",
        )

    async def test_get_phone_service_url(self) -> None:
        await self.example(
            "services/getPhoneServiceURLs.asp",
            "<Callisto><Request>services</Request><Response><lButtonService>"
            "http://{host}/Applications/inbound/MAGroup/src/OneButton.asp?device=#DEVICENAME#"
            "</lButtonService></Response></Callisto>",
            "--data", "service=1ButtonService",
        )  # fmt: skip

    async def test_get_phone_service_urls(self) -> None:
        base = "http://{host}/Applications/inbound/MAGroup/src/"
        actions = {
            "TransferCall": "transferCall", "PickupCall": "pickupCalls", "DirectCall": "directCall",
            "ChangeGroup": "changeGroup", "ChangeStatus": "changeStatus", "TeamStatus": "teamStatus",
            "SetForwarding": "setForwarding",
        }  # fmt: skip
        elements = f"<MainMenu>{base}PhoneMenu.asp?device=#DEVICENAME#</MainMenu>"
        elements += f"<lButtonService>{base}OneButton.asp?device=#DEVICENAME#</lButtonService>"
        elements += "".join(
            f"<{name}>{base}IndependentServices.asp?action={action}&amp;device=#DEVICENAME#</{name}>"
            for name, action in actions.items()
        )
        await self.example(
            "services/getPhoneServiceURLs.asp",
            f"<Callisto><Request>getIntegrationURLs</Request><Response>{elements}</Response></Callisto>",
        )

    # VIP management functions

    async def test_add_vip_number(self) -> None:
        await self.example(
            "vip/addVIPNumber.asp", ID_AND_OK.format("getIntegrationURLs", 716),
            "--data", "vn_number=3132&mb_id=27", "--data-urlencode", "vn_description=Project leader",
        )  # fmt: skip
        self.assertEqual(self.current.value.vips_of(27)[-1].description, "Project leader")

    async def test_delete_vip_number(self) -> None:
        await self.word("vip/addVIPNumber.asp", vn_number="3132", mb_id="27")
        await self.example("vip/deleteVIPNumber.asp", OK.format("deleteVIPNumber"), "--data", "vn_id=716")
        self.assertEqual([vip.id for vip in self.current.value.vips_of(27)], [715])

    async def test_get_vip_numbers(self) -> None:
        entries = (
            (253, "1077", "Head of Accounting", "Gabriela", "Kronberger"),
            (260, "+1509XXXXXXX", "", "", ""),
            (288, "0800!", "Free &amp; &lt;easy&gt;", "", ""),
        )
        elements = "".join(
            f"<VIPNumber><id>{id}</id><number>{number}</number><description>{description}</description>"
            f"<mngId>72</mngId><FirstName>{first}</FirstName><LastName>{last}</LastName></VIPNumber>"
            for id, number, description, first, last in entries
        )
        await self.example(
            "vip/getVIPNumbers.asp",
            f"<Callisto><Request>getVIPNumbers</Request><Response>{elements}</Response></Callisto>",
            "--data", "mb_id=72",
        )  # fmt: skip
