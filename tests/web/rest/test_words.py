"""Each status word of each function."""

from tests.web.rest.company import COMPANY, SOUNDS
from tests.web.rest.server import RestCase

MISSING, ERROR, OK = "PARAMETER_MISSING", "ERROR", "OK"
HUGE = str(2**70)

WORDS: dict[str, list[tuple[dict[str, str], str, str | None]]] = {
    "announcements/addAnnouncement.asp": [
        ({}, MISSING, ""),
        ({"gr_id": "45"}, MISSING, "45"),
        ({"an_wave": "busy.wav"}, MISSING, ""),
        ({"gr_id": "45", "an_wave": " "}, MISSING, "45"),
        ({"gr_id": "9", "an_wave": "busy.wav"}, "INVALID_GROUP_ID", "9"),
        ({"gr_id": HUGE, "an_wave": "busy.wav"}, "INVALID_GROUP_ID", HUGE),
        ({"gr_id": "x", "an_wave": "busy.wav"}, ERROR, ""),
        ({"gr_id": "45", "an_wave": "nothing.wav"}, ERROR, "45"),
        ({"gr_id": "45", "an_wave": "Analog1.mp3"}, ERROR, "45"),
        ({"gr_id": "45", "an_wave": "../shipped/busy.wav"}, ERROR, "45"),
        ({"gr_id": "45", "an_wave": "busy.wav", "an_priority": "first"}, ERROR, "45"),
        ({"gr_id": "45", "an_wave": "busy.wav", "an_priority": "-1"}, ERROR, "45"),
        ({"gr_id": "45", "an_wave": "BUSY.wav", "an_priority": "1"}, OK, "45"),
    ],
    "announcements/deleteAnnouncement.asp": [
        ({}, MISSING, None),
        ({"an_id": "1"}, "INVALID_ANNOUNCEMENT_ID", None),
        ({"an_id": HUGE}, "INVALID_ANNOUNCEMENT_ID", None),
        ({"an_id": "1.5"}, ERROR, None),
    ],
    "announcements/editAnnouncement.asp": [
        ({"an_id": "634"}, MISSING, None),
        ({"an_wave": "busy.wav"}, MISSING, None),
        ({"an_id": "1", "an_wave": "busy.wav"}, "INVALID_ANNOUNCEMENT_ID", None),
        ({"an_id": "634", "an_wave": "new.wav"}, ERROR, None),
    ],
    "announcements/getAnnouncements.asp": [
        ({}, MISSING, None),
        ({"gr_id": "9"}, "INVALID_GROUP_ID", None),
        ({"gr_id": "-1"}, "INVALID_GROUP_ID", None),
        ({"gr_id": "0x1"}, ERROR, None),
        ({"gr_id": "²"}, ERROR, None),
    ],
    "announcements/reorderAnnouncements.asp": [
        ({"an_id": "634"}, MISSING, None),
        ({"move": "up"}, MISSING, None),
        ({"an_id": "1", "move": "up"}, "INVALID_ANNOUNCEMENT_ID", None),
        ({"an_id": "634", "move": "left"}, ERROR, None),
        ({"an_id": "634", "move": "DOWN"}, OK, None),
    ],
    "groups/addGroup.asp": [
        ({}, MISSING, ""),
        ({"gr_name": "   "}, MISSING, ""),
        ({"gr_name": "ACCOUNTING"}, "ALREADY_EXISTS", ""),
        ({"gr_name": "New", "gr_managerTimeout": "ten"}, ERROR, ""),
        ({"gr_name": "New", "gr_assistantTimeout": "-1"}, ERROR, ""),
        ({"gr_name": "New", "gr_managerTimeout": HUGE}, ERROR, ""),
        ({"gr_name": "New", "gr_managerTimeout": "9" * 5000}, ERROR, ""),
        ({"gr_name": "New", "gr_number": "12ab"}, ERROR, ""),
        ({"gr_name": "New", "gr_number": "1071"}, ERROR, ""),
        ({"gr_name": "New", "gr_number": "5544"}, ERROR, ""),
        ({"gr_name": "New", "gr_number": "*8"}, ERROR, ""),
        ({"gr_name": "New", "gr_ringParallel": "2"}, ERROR, ""),
        ({"gr_name": "New", "gr_showCalls": "yes"}, ERROR, ""),
        ({"gr_name": "New", "gr_showVIPcall": "3"}, ERROR, ""),
        ({"gr_name": "New", "gr_VIPCallsRouting": "3"}, ERROR, ""),
        ({"gr_name": "New", "gr_VIPThreshold": "-1"}, ERROR, ""),
        ({"gr_name": "New", "gr_overflow": "-2"}, ERROR, ""),
        ({"gr_name": "New", "gr_overflow": "group:9"}, ERROR, ""),
        ({"gr_name": "New", "gr_overflow": "voicemail:"}, ERROR, ""),
        ({"gr_name": "New", "gr_welcome": "nothing.wav"}, ERROR, ""),
        ({"gr_name": "New", "gr_mngCallAlarmJ": "nothing.mp3"}, ERROR, ""),
        ({"gr_name": "New", "gr_assistCallAlarmJ": "busy.wav"}, ERROR, ""),
        ({"gr_name": "x" * 256}, ERROR, ""),
        ({"gr_name": "a\tb"}, ERROR, ""),
    ],
    "groups/deleteGroup.asp": [
        ({}, MISSING, ""),
        ({"gr_id": "9"}, "INVALID_GROUP_ID", ""),
        ({"gr_id": "'; DROP TABLE groups; --"}, ERROR, ""),
    ],
    "groups/editGroup.asp": [
        ({}, MISSING, ""),
        ({"gr_name": "Accounting"}, MISSING, ""),
        ({"gr_id": "9"}, "INVALID_GROUP_ID", ""),
        ({"gr_id": "45", "gr_name": " "}, MISSING, "45"),
        ({"gr_id": "45", "gr_name": "sales"}, ERROR, "45"),
        ({"gr_id": "45", "gr_number": "5544"}, ERROR, "45"),
        ({"gr_id": "45", "gr_managerTimeout": "1.5"}, ERROR, "45"),
        ({"gr_id": "45"}, OK, "45"),
        ({"gr_id": "45", "gr_number": "5555", "gr_name": "Accounting"}, OK, "45"),
    ],
    "groups/getGroups.asp": [({"gr_id": "x"}, ERROR, None)],
    "members/addMember.asp": [
        ({}, MISSING, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos"}, MISSING, ""),
        ({"gr_id": "45", "mb_number": "1201"}, MISSING, ""),
        ({"usr_Name": "Maria.Santos", "mb_number": "1201"}, MISSING, ""),
        ({"gr_id": "9", "usr_Name": "Maria.Santos", "mb_number": "1201"}, "INVALID_GROUP_ID", ""),
        ({"gr_id": "45", "usr_Name": "Nobody", "mb_number": "1201"}, "INVALID_USERNAME", ""),
        (
            {"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "1201", "gm_type": "1"},
            "MANAGER_ALREADY_EXISTS",
            "",
        ),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "12a"}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "9999"}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "maria.rossi", "mb_number": "1071"}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "1201", "gm_shortName": ""}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "1201", "gm_shortName": "123456789"}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "1201", "gm_type": "2"}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "1201", "displayedGroup": "9"}, ERROR, ""),
        ({"gr_id": "45", "usr_Name": "Maria.Santos", "mb_number": "1201", "displayedGroup": "x"}, ERROR, ""),
    ],
    "members/deleteMember.asp": [
        ({}, MISSING, None),
        ({"gr_id": "45"}, MISSING, None),
        ({"mb_id": "9"}, "INVALID_MEMBER_ID", None),
        ({"usr_Name": "Nobody"}, "INVALID_MEMBER_ID", None),
        ({"mb_id": "198", "gr_id": "64"}, "INVALID_MEMBER_ID", None),
        ({"usr_Name": "Rafael.Hidalgo", "gr_id": "9"}, "INVALID_MEMBER_ID", None),
        ({"mb_id": "x"}, ERROR, None),
    ],
    "members/editMember.asp": [
        ({}, MISSING, None),
        ({"gm_shortName": "Raf"}, MISSING, None),
        ({"mb_id": "9"}, "INVALID_MEMBER_ID", None),
        ({"mb_id": "198", "gr_id": "64"}, "INVALID_MEMBER_ID", None),
        ({"usr_Name": "Nobody"}, "INVALID_USERNAME", None),
        ({"usr_Name": "Rafael.Hidalgo", "gr_id": "64"}, "INVALID_MEMBER_ID", None),
        ({"mb_id": "198", "gm_shortName": ""}, ERROR, None),
        ({"mb_id": "198", "gm_shortName": "123456789"}, ERROR, None),
        ({"mb_id": "198", "mb_number": "x"}, ERROR, None),
        ({"mb_id": "198", "mb_number": "9999"}, ERROR, None),
        ({"mb_id": "198", "displayedGroup": "9"}, ERROR, None),
        ({"mb_id": "198", "usr_Name": "Nobody"}, OK, None),
        ({"mb_id": "198", "displayedGroup": "-1"}, OK, None),
    ],
    "members/getMembers.asp": [({"mb_id": "x"}, ERROR, None), ({"gm_type": "manager"}, ERROR, None)],
    "members/orderByUserList.asp": [
        ({"gr_id": "64"}, MISSING, None),
        ({"usr_list": "a"}, MISSING, None),
        ({"gr_id": "9", "usr_list": "a"}, "INVALID_PARAMETERS", None),
        ({"gr_id": "64", "usr_list": "maria.santos"}, "INVALID_PARAMETERS", None),
        (
            {"gr_id": "64", "usr_list": "maria.santos,chiyo.fujimoto,romeo.girard,frederique.voclain,ara"},
            "INVALID_PARAMETERS",
            None,
        ),
        ({"gr_id": "x", "usr_list": "a"}, ERROR, None),
    ],
    "members/reorderMembers.asp": [
        ({"gr_id": "64", "move": "up"}, MISSING, None),
        ({"mb_id": "279", "move": "up"}, MISSING, None),
        ({"mb_id": "279", "gr_id": "64"}, MISSING, None),
        ({"mb_id": "279", "gr_id": "9", "move": "up"}, "INVALID_PARAMETERS", None),
        ({"mb_id": "9", "gr_id": "64", "move": "up"}, "INVALID_PARAMETERS", None),
        ({"usr_Name": "Nobody", "gr_id": "64", "move": "up"}, "INVALID_PARAMETERS", None),
        ({"mb_id": "279", "gr_id": "64", "move": "sideways"}, ERROR, None),
        ({"mb_id": "281", "gr_id": "64", "move": "down"}, OK, None),
        ({"mb_id": "198", "gr_id": "45", "move": "up"}, OK, None),
        ({"mb_id": "72", "gr_id": "45", "move": "down"}, OK, None),
    ],
    "members/setPresence.asp": [
        ({}, MISSING, None),
        ({"mb_id": "279"}, MISSING, None),
        ({"presenceState": "1"}, MISSING, None),
        ({"mb_id": "9", "presenceState": "1"}, "INVALID_MEMBER_ID", None),
        ({"usr_Name": "Nobody", "presenceState": "1"}, "INVALID_MEMBER_ID", None),
        *(
            ({"mb_id": "279", "presenceState": state}, "INVALID_STATE", None)
            for state in ("2", "5", "7", "-1", "away", "01", "1.0")
        ),
        ({"mb_id": "279", "presenceState": "1", "presenceMessage": "x" * 256}, ERROR, None),
        ({"mb_id": "279", "presenceState": "1", "presenceMessage": "a\x1bb"}, ERROR, None),
        ({"mb_id": "x", "presenceState": "1"}, ERROR, None),
    ],
    "services/getIntegrationURLs.asp": [({"login": "magic"}, ERROR, None)],
    "services/getPhoneServiceURLs.asp": [({"service": "Coffee"}, ERROR, None)],
    "vip/addVIPNumber.asp": [
        ({}, MISSING, ""),
        ({"vn_number": "1"}, MISSING, ""),
        ({"mb_id": "27"}, MISSING, ""),
        ({"vn_number": "1", "mb_id": "9"}, ERROR, ""),
        ({"vn_number": "1", "mb_id": "198"}, ERROR, ""),
        ({"vn_number": "abc", "mb_id": "27"}, ERROR, ""),
        ({"vn_number": "1", "mb_id": "27", "vn_description": "a\nb"}, ERROR, ""),
    ],
    "vip/deleteVIPNumber.asp": [
        ({}, MISSING, None),
        ({"vn_id": "9"}, "INVALID_VIP_NUMBER_ID", None),
        ({"vn_id": "x"}, ERROR, None),
    ],
    "vip/getVIPNumbers.asp": [({"mb_id": "x"}, ERROR, None)],
}
"""By function: parameters, the word they get, and what is in <id> beside it (None: there is none)."""


class Words(RestCase):
    """The table."""

    async def test_every_word(self) -> None:
        await self.serve(COMPANY)
        self.ship(*SOUNDS)
        for path, rows in WORDS.items():
            for parameters, word, id in rows:
                before, self.lines = self.current.value, []
                reply = await self.ask(path, **parameters)
                got = (reply.code, reply.word, reply.id or ("" if id == "" else None))
                self.assertEqual(got, (200, word, id), (path, parameters))
                if word == OK:
                    self.assertEqual(self.lines, [])
                else:
                    self.assertIs(self.current.value, before, (path, parameters))
                    self.assertEqual(len(self.lines), 1, (path, parameters, self.lines))
                    self.assertLess(len(self.lines[0]), 500)
        await self.stored()
