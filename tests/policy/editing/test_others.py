"""Announcements, VIP lists, people, lines, phones and trunks."""

from magroup.model.configuration import Configuration
from magroup.policy.editing import (
    Problem,
    add_announcement,
    add_contact,
    add_line,
    add_phone,
    add_trunk,
    add_user,
    add_vip,
    change_announcement,
    change_contact,
    change_line,
    change_phone,
    change_trunk,
    change_user,
    change_vip,
    delete_announcement,
    delete_contact,
    delete_line,
    delete_phone,
    delete_trunk,
    delete_user,
    delete_vip,
    move_announcement,
    place_announcement,
)
from tests.policy.editing.company import COMPANY, RULES, EditCase


def played(configuration: Configuration) -> list[int]:
    return [one.id for one in configuration.announcements_of(45)]


class Announcements(EditCase):
    """The announcements of the group 45: 19, 23, 22."""

    def test_add(self) -> None:
        for priority, expected in (
            (None, [19, 23, 22, 31]),
            (0, [31, 19, 23, 22]),
            (1, [31, 19, 23, 22]),
            (2, [19, 31, 23, 22]),
            (10**30, [19, 23, 22, 31]),
        ):
            new = self.done(add_announcement, RULES, 45, "MUSIC.wav", priority)
            self.assertEqual(played(new), expected, priority)
        self.assertEqual(new.announcements_of(45)[-1].wave, "Music.wav")

    def test_change_delete_move(self) -> None:
        new = self.done(change_announcement, RULES, 23, "welcome.wav")
        self.assertEqual([one.wave for one in new.announcements_of(45)], ["Welcome.wav", "Welcome.wav", "Music.wav"])
        self.assertEqual(played(self.done(delete_announcement, 19)), [23, 22])
        self.assertEqual(played(self.done(move_announcement, 22, True)), [19, 22, 23])
        self.assertEqual(played(self.done(move_announcement, 19, False)), [23, 19, 22])
        self.assertIs(move_announcement(COMPANY, 19, True), COMPANY)
        self.assertEqual(played(self.done(place_announcement, 22, 1)), [22, 19, 23])
        self.assertEqual(played(self.done(place_announcement, 19, 100)), [23, 22, 19])
        self.refused(Problem.INVALID, "priority", place_announcement, 19, 0)
        self.assertIs(move_announcement(COMPANY, 22, False), COMPANY)

    def test_refused(self) -> None:
        self.refused(Problem.UNKNOWN, "group_id", add_announcement, RULES, 9, "music.wav")
        self.refused(Problem.UNKNOWN, "wave", add_announcement, RULES, 45, "nothing.wav")
        self.refused(Problem.INVALID, "wave", add_announcement, RULES, 45, "../music.wav")
        self.refused(Problem.INVALID, "priority", add_announcement, RULES, 45, "music.wav", -1)
        self.refused(Problem.UNKNOWN, "wave", change_announcement, RULES, 19, "nothing.wav")
        for edit in (delete_announcement, move_announcement):
            more = () if edit is delete_announcement else (True,)
            self.refused(Problem.UNKNOWN, "announcement_id", edit, 1, *more)


class Vips(EditCase):
    """VIP lists."""

    def test_add_change_delete(self) -> None:
        new = self.done(add_vip, 220, "31 32", "Project leader")
        self.assertEqual([vip.number for vip in new.vips_of(220)], ["1077", "+1509XXXXXXX", "31 32"])
        self.assertEqual(new.last_ids.vips, 256)
        new = self.done(change_vip, 253, {"number": "07!"})
        self.assertEqual(new.vips_of(220)[0].number, "07!")
        self.assertEqual([vip.id for vip in self.done(delete_vip, 253).vips], [254, 255])

    def test_refused(self) -> None:
        self.refused(Problem.UNKNOWN, "member_id", add_vip, 9, "1")
        self.refused(Problem.INVALID, "member_id", add_vip, 221, "1")
        self.refused(Problem.INVALID, "number", add_vip, 220, "abc")
        self.refused(Problem.INVALID, "description", change_vip, 253, {"description": "\r\n"})
        self.refused(Problem.UNKNOWN, "vip_id", delete_vip, 9)


class People(EditCase):
    """Users and contacts."""

    def test_user(self) -> None:
        new = self.done(add_user, {"name": "New", "lines": ("10 68",)})
        self.assertEqual((new.users[-1].id, new.users[-1].lines), (4, ("1068",)))
        new = self.done(change_user, 2, {"name": "Raf", "stars": 5})
        self.assertEqual([member.user_name for member in new.members_of_user("raf")], ["Raf", "Raf"])
        new = self.done(delete_user, 1)
        self.assertEqual([member.id for member in new.members], [221, 222, 223, 230])
        self.assertEqual([vip.id for vip in new.vips], [255])

    def test_contact(self) -> None:
        self.assertEqual(self.done(add_contact, {"number": "1"}).contacts[-1].id, 6)
        self.assertEqual(self.done(change_contact, 5, {"stars": 3}).contacts[0].stars, 3)
        self.assertEqual(self.done(delete_contact, 5).contacts, ())

    def test_refused(self) -> None:
        for problem, field, values in (
            (Problem.MISSING, "name", {"name": ""}),
            (Problem.TAKEN, "name", {"name": "ARA"}),
            (Problem.UNKNOWN, "lines", {"lines": ("77",)}),
            (Problem.INVALID, "lines", {"lines": ("1068", "1068")}),
            (Problem.INVALID, "stars", {"stars": 6}),
            (Problem.INVALID, "mobile", {"mobile": "x"}),
            (Problem.INVALID, "password_hash", {"password_hash": "plain"}),
            (Problem.INVALID, "language", {"language": "?"}),
            (Problem.INVALID, "picture", {"picture": "../x"}),
            (Problem.INVALID, "first_name", {"first_name": "\x1b"}),
        ):
            self.refused(problem, field, change_user, 1, values)
            self.refused(problem, field, add_user, {"name": "New", **values})
        self.refused(Problem.UNKNOWN, "user_id", delete_user, 9)
        self.refused(Problem.INVALID, "number", add_contact, {"number": "x"})
        self.refused(Problem.UNKNOWN, "contact_id", change_contact, 9, {})


class Lines(EditCase):
    """Lines and phones."""

    def test_line(self) -> None:
        self.assertEqual(self.done(add_line, RULES, {"number": "1099"}).lines[-1].number, "1099")
        new = self.done(change_line, RULES, "1071", {"number": "1072"})
        self.assertEqual((new.users[0].lines, new.phones[0].lines), (("1072",), ("1072", "1175")))
        self.assertEqual([new.member_by_id[id].number for id in (220, 231)], ["1072", "1072"])
        self.assertEqual(len(self.done(delete_line, "0315311113").lines), 4)

    def test_phone(self) -> None:
        self.assertEqual(self.done(add_phone, {"device_name": "P", "lines": ("1068",)}).phones[-1].lines, ("1068",))
        self.assertEqual(self.done(change_phone, "sep001122334455", {"model": "7841"}).phones[0].model, "7841")
        self.assertEqual(self.done(delete_phone, "SEP001122334455").phones, ())

    def test_refused(self) -> None:
        for problem, field, values in (
            (Problem.MISSING, "number", {"number": ""}),
            (Problem.TAKEN, "number", {"number": "1175"}),
            (Problem.TAKEN, "number", {"number": "5555"}),
            (Problem.TAKEN, "number", {"number": "*8"}),
            (Problem.UNKNOWN, "displayed_group", {"displayed_group": 1}),
        ):
            self.refused(problem, field, add_line, RULES, {"number": "1099", **values})
            self.refused(problem, field, change_line, RULES, "1071", values)
        self.refused(Problem.IN_USE, "number", delete_line, "1071")
        self.refused(Problem.UNKNOWN, "number", delete_line, "1")
        self.refused(Problem.TAKEN, "device_name", add_phone, {"device_name": "sep001122334455"})
        self.refused(Problem.UNKNOWN, "device_name", delete_phone, "x")


class Trunks(EditCase):
    """Trunks."""

    def test_add_change_delete(self) -> None:
        self.assertEqual(self.done(add_trunk, {"name": "T", "address": "a:5070"}).trunks[-1].id, 3)
        self.assertEqual(self.done(change_trunk, 2, {"strip": 1}).trunks[1].strip, 1)
        self.assertEqual([trunk.id for trunk in self.done(delete_trunk, 1).trunks], [2])

    def test_refused(self) -> None:
        for problem, field, values in (
            (Problem.TAKEN, "name", {"name": "pbx"}),
            (Problem.TAKEN, "is_default", {"is_default": True}),
            (Problem.INVALID, "address", {"address": "no address"}),
            (Problem.MISSING, "user_name", {"registers": True}),
            (Problem.INVALID, "inbound_addresses", {"inbound_addresses": ("x",)}),
            (Problem.INVALID, "ping_interval", {"ping_interval": float("nan")}),
            (Problem.INVALID, "expires", {"expires": 1}),
        ):
            self.refused(problem, field, change_trunk, 2, values)
        self.refused(Problem.UNKNOWN, "trunk_id", delete_trunk, 9)
