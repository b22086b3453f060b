"""What a browser is told: hello, a group as it is, and what changes in it."""

from dataclasses import replace

from magroup.groups.editing import edits
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from magroup.model.settings import HttpSettings
from tests.web.gadget.server import ASSISTANT, IDS, MANAGER, STRANGER, THIRD, GadgetCase, reactor


class HelloTests(GadgetCase):
    """The beginning."""

    async def test_hello(self) -> None:
        browser = await self.open(ASSISTANT)
        hello = browser.hello
        self.assertEqual(hello.pop("life"), self.board.life)
        self.assertLess(abs(hello.pop("now") - reactor.seconds()), 60)
        self.assertTrue(hello.pop("version"))
        me = {"user": ASSISTANT, "name": "Rafael Hidalgo", "language": "en", "admin": False}
        groups = [{"id": 45, "name": "Accounting"}]
        mail = {"box": "", "new": 0, "old": 0}
        self.assertEqual(hello, {"type": "hello", "me": me, "groups": groups, "mail": mail, "no_dial": ""})

    async def test_administrators_see_all_groups(self) -> None:
        browser = await self.open(MANAGER)
        names = ["Accounting", "1st level support", "2nd level support", "Board", "Internal support", "Sales"]
        self.assertEqual([group["name"] for group in browser.hello["groups"]], names)

    async def test_snapshot(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        snapshot = browser.snapshot
        self.assertEqual(
            snapshot["group"],
            {"id": 45, "name": "Accounting", "number": "5555", "show_calls": True,
             "tones": {"manager": "", "assistant": ""}, "linked": True},
        )  # fmt: skip
        self.assertEqual([member["id"] for member in snapshot["members"]], [198, 72, 102, 103])
        me, manager = snapshot["members"][:2]
        self.assertEqual(
            me,
            {"id": 198, "user": ASSISTANT, "name": "Rafael Hidalgo", "short": "Raf", "number": "1175",
             "department": "", "picture": "", "manager": False, "me": True,
             "presence": {"value": "available", "message": "", "since": 0.0, "by": ""}, "line": "idle",
             "forwarding": {"line": None, "application": None}, "targets": {"mobile": False, "voicemail": False},
             "calls": [],
             "can": {"presence": True, "forward_line": True, "forward_application": False, "dial": False},
             "on_phone": 45},
        )  # fmt: skip
        self.assertEqual(
            (manager["manager"], manager["me"], manager["can"]),
            (True, False,
             {"presence": False, "forward_line": False, "forward_application": False, "dial": True}),
        )  # fmt: skip

    async def test_tones(self) -> None:
        browser = await self.looks_at(MANAGER, 26)
        tones = {"manager": "/tones/Analog1.mp3", "assistant": "/tones/Analog2.mp3"}
        self.assertEqual(browser.snapshot["group"]["tones"], tones)

    async def test_groups_of_others(self) -> None:
        browser = await self.open(STRANGER)
        for group in (45, 999999, 0):
            self.assertEqual(await browser.refused("group", group=group), ("gone", "There is no such group."))


class ChangeTests(GadgetCase):
    """What happens is told to those who see it, and only what is another."""

    async def test_presence(self) -> None:
        one, two = await self.looks_at(ASSISTANT), await self.looks_at(MANAGER)
        await one.done("presence", user=ASSISTANT, value="busy", message="At lunch")
        for browser, is_me in ((one, True), (two, False)):
            change = await browser.next("change")
            (member,) = change["members"]
            self.assertEqual((member["id"], member["me"]), (198, is_me))
            self.assertEqual(set(change), {"type", "n", "members"})
            presence = member["presence"]
            self.assertLess(abs(presence.pop("since") - reactor.seconds()), 60)
            self.assertEqual(presence, {"value": "busy", "message": "At lunch", "by": "Raf"})
            self.assertGreater(change["n"], browser.snapshot["n"])
        await one.done("presence", user=ASSISTANT, value="busy", message="At lunch")
        await self.quiet(one)

    async def test_set_elsewhere(self) -> None:
        """By REST and by the API: it is on the page at once, with who has done it."""
        browser = await self.looks_at(MANAGER)
        await self.word("members/setPresence.asp", mb_id="198", presenceState="3", presenceMessage="Till two")
        presence = (await browser.until(198))["presence"]
        self.assertEqual((presence["value"], presence["message"]), ("busy", "Till two"))
        _, secret = await self.web_admission.tokens.create(
            THIRD.casefold(), "test", ["forwarding:write"], 0.0, THIRD, "here"
        )  # fmt: skip
        reply = await self.curl(
            "-X", "PUT", "-H", f"Authorization: Bearer {secret}", "-H", "Content-Type: application/json",
            "--data", '{"to": "number", "number": "4321"}', f"http://{self.host}/api/v1/forwarding/lines/1068",
        )  # fmt: skip
        self.assertEqual(reply.code, 200, reply)
        line = (await browser.until(IDS[THIRD]))["forwarding"]["line"]
        self.assertEqual((line["to"], line["shown"], line["by"]), ("number", "4321", "Ara"))

    async def test_other_groups_hear_nothing(self) -> None:
        browser = await self.looks_at(STRANGER, 64)
        self.presence.set(ASSISTANT, Presence.AWAY)
        self.switch.arrive("0791112233", "1175")
        await self.quiet(browser)

    async def test_forwarding(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.forwarding.set_line("1071", Forwarding(ForwardTo.MEMBER, member_id=102), MANAGER)
        self.forwarding.set_application(72, Forwarding(ForwardTo.NUMBER, "079 111"), ASSISTANT)
        (member,) = (await browser.next("change"))["members"]
        line, application = member["forwarding"]["line"], member["forwarding"]["application"]
        self.assertEqual((line["to"], line["shown"], line["by"]), ("member", "Aradhana Jaggi", "Mar"))
        self.assertEqual((application["to"], application["shown"], application["by"]), ("number", "079 111", "Raf"))

    async def test_calls(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        call = self.switch.arrive("0791112233", "1175", "Bob")
        member = await browser.until(198, line="ringing")
        (shown,) = member["calls"]
        self.assertEqual((shown["id"], shown["device"], shown["state"]), (call, "1175", "ringing"))
        self.assertEqual((shown["name"], shown["number"], shown["direction"]), ("Bob", "0791112233", "in"))
        self.assertEqual((shown["mine"], shown["can"]), (True, {"answer": "", "end": "", "blind": ""}))
        self.switch.device_answers(call, "1175")
        await browser.until(198, line="busy", calls=["active"])
        self.switch.caller_hangs_up(call)
        await browser.until(198, line="idle", calls=[])

    async def test_out_of_service(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.switch.set_in_service("1071", False)
        member = await browser.until(72, line="out_of_service")
        self.assertIs(member["can"]["dial"], False)
        self.assertEqual(member["presence"]["value"], "unavailable")

    async def test_own_line_out_of_service(self) -> None:
        """Nobody can be called then, which is told beforehand; so it is to who comes meanwhile."""
        browser = await self.looks_at(ASSISTANT)
        self.switch.set_in_service("1175", False)
        why = "The phone is out of service."
        self.assertEqual(await browser.dialling.get(), why)
        self.assertEqual((await self.open(ASSISTANT)).hello["no_dial"], why)
        self.switch.set_in_service("1175", True)
        self.assertEqual(await browser.dialling.get(), "")


class LargeTests(GadgetCase):
    """What browsers may send is limited, not what they are sent."""

    http = HttpSettings(websocket_message_limit=256)

    async def test_large_snapshot(self) -> None:
        for member in self.current.value.members_of(45):
            self.presence.set(member.user_name, Presence.AWAY, "x" * 255)
        browser = await self.looks_at(ASSISTANT)
        self.assertEqual(len(browser.snapshot["members"]), 4)
        browser.ask("search", text="x" * 256)
        await browser.closed


class ConfigurationTests(GadgetCase):
    """Groups, members and names change."""

    def change(self, **changes: object) -> None:
        new = self.current.value.changed(**changes)
        self.current.replace(new, MANAGER)

    async def test_names(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.change(users=tuple(
            replace(user, first_name="Rafa") if user.name == ASSISTANT else user for user in self.current.value.users
        ))  # fmt: skip
        change = await browser.next("change")
        self.assertEqual([member["name"] for member in change["members"]], ["Rafa Hidalgo"])
        self.assertEqual(set(change), {"type", "n", "members"})

    async def test_members(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.change(members=tuple(member for member in self.current.value.members if member.id != 102))
        change = await browser.next("change")
        self.assertEqual((change["gone"], change["order"], change["members"]), ([102], [198, 72, 103], []))

    async def test_group(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.change(groups=tuple(
            replace(group, name="Books") if group.id == 45 else group for group in self.current.value.groups
        ))  # fmt: skip
        self.assertEqual((await browser.next("groups"))["groups"], [{"id": 45, "name": "Books"}])
        change = await browser.next("change")
        self.assertEqual((change["group"]["name"], change["members"]), ("Books", []))

    async def test_no_group_any_more_and_again(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        members = self.current.value.members
        self.change(members=tuple(member for member in members if member.id != 198))
        self.assertEqual((await browser.next("groups"))["groups"], [])
        await browser.next("empty")
        self.presence.set(MANAGER, Presence.AWAY)
        await self.quiet(browser)
        self.change(members=members)
        self.assertEqual((await browser.next("groups"))["groups"], [{"id": 45, "name": "Accounting"}])
        self.assertEqual((await browser.next("snapshot"))["group"]["id"], 45)

    async def test_group_gone(self) -> None:
        browser = await self.looks_at(MANAGER, 64)
        current = self.current.value
        self.change(
            groups=tuple(group for group in current.groups if group.id != 64),
            members=tuple(member for member in current.members if member.group_id != 64),
        )
        self.assertNotIn(64, [group["id"] for group in (await browser.next("groups"))["groups"]])
        self.assertEqual((await browser.next("snapshot"))["group"]["id"], 45)

    async def test_privileges(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.change(users=tuple(
            replace(user, privileges=frozenset({Privilege.TEAMMATE_STATUS})) if user.name == ASSISTANT else user
            for user in self.current.value.users
        ))  # fmt: skip
        snapshot = await browser.next("snapshot")
        self.assertIs(snapshot["members"][1]["can"]["presence"], True)

    async def test_user_gone(self) -> None:
        browser = await self.looks_at(THIRD)
        await self.current.edit(
            self.database, lambda now: edits.delete_user(now, self.user(THIRD).id), lambda *a: None, 0.0, MANAGER, ""
        )  # fmt: skip
        self.assertEqual((await browser.skip_to("bye"))["why"], "session")
        await browser.closed

    async def test_language(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        await browser.done("language", language="de")
        self.assertEqual(self.user(ASSISTANT).language, "de")
        self.assertEqual([(one.who, one.what) for one in self.changes], [(ASSISTANT, "user")])
        await browser.skip_to("snapshot")
        self.assertEqual(
            await browser.refused("end", call="nothing", device="1175"), ("gone", "Den Anruf gibt es nicht mehr.")
        )
