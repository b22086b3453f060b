"""Busy lamps: what a phone that watches a line or a manager number is told, and what it is not."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.application import Known
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member, Overflow, OverflowTo, ShowVipCalls
from magroup.model.lines import Trunk
from magroup.sip.message import Response
from magroup.sip.ping import ping
from magroup.switch.dialog_info import DialogState, ShownDialog, dialog_info
from tests.switch.bench import SWITCH, company
from tests.switch.watching import DIALOG, WatchTest

GROUP = Group(1, "MA Group", number="8973", manager_timeout=30, assistant_timeout=30,
              overflow=Overflow(OverflowTo.BUSY))  # fmt: skip
BASE = company(("1047", "1175", "1068", "1118"), groups=(GROUP,))
TEAM = tuple(
    Member(at, 1, f"user{number}", number, f"S{number}", at == 1, at)
    for at, number in enumerate(("1047", "1175", "1068"), 1)
)  # fmt: skip
WITH_GROUP: Configuration = replace(BASE, members=TEAM)


class Lines(WatchTest):
    configuration = WITH_GROUP

    def test_called(self) -> None:
        """On while it rings, on while it talks and holds, off."""
        caller, called, watcher = (self.bench.phone(number) for number in ("1118", "1175", "1068"))
        watch = self.watch(watcher, "dialog", "1175", Accept="application/dialog-info+xml")
        self.assertEqual(watch.status, 200)
        self.assertEqual(watch.lamps(), [""])
        talk = caller.dial("1175")
        called.call.ring()
        self.bench.run(1.2)
        called.call.answer()
        self.bench.run(1.2)
        called.call.hold()
        self.bench.run(1.2)
        talk.hang_up()
        self.bench.run(1.2)
        self.assertEqual(watch.lamps(), [
            "", "recipient early 1118", "recipient confirmed 1118", "recipient confirmed held 1118",
            "recipient terminated",
        ])  # fmt: skip
        versions = [etree.fromstring(notify.body).get("version") for notify in watch.told]
        self.assertEqual(versions, ["0", "1", "2", "3", "4"])
        root = etree.fromstring(watch.told[1].body)
        self.assertEqual((root.get("state"), root.get("entity")), ("full", "sip:1175@127.0.0.1"))
        identity = root.find(f".//{DIALOG}remote/{DIALOG}identity")
        self.assertEqual((identity.get("display"), identity.text), ("First1118 Last1118", "sip:1118@127.0.0.1"))

    def test_calling(self) -> None:
        caller, called, watcher = (self.bench.phone(number) for number in ("1175", "1118", "1068"))
        watch = self.watch(watcher, "dialog", "1175")
        talk = caller.dial("1118")
        self.bench.run(1.2)
        called.call.ring()
        self.bench.run(1.2)
        called.call.answer()
        self.bench.run(1.2)
        talk.hang_up()
        self.bench.run(1.2)
        self.assertEqual(watch.lamps(), [
            "", "initiator proceeding 1118", "initiator early 1118", "initiator confirmed 1118",
            "initiator terminated",
        ])  # fmt: skip

    def test_short_call(self) -> None:
        """What happens within a second is told together."""
        caller, called, watcher = (self.bench.phone(number) for number in ("1118", "1175", "1068"))
        watch = self.watch(watcher, "dialog", "1175")
        self.bench.run(2)
        talk = caller.dial("1175")
        called.call.ring()
        self.bench.run(0.1)
        called.call.answer()
        self.bench.run(0.1)
        talk.hang_up()
        self.bench.run(2)
        self.assertEqual(watch.lamps(), ["", "recipient early 1118", "recipient terminated"])

    def test_two_calls(self) -> None:
        first, second, called, watcher = (self.bench.phone(number) for number in ("1118", "1047", "1175", "1068"))
        watch = self.watch(watcher, "dialog", "1175")
        talks = [first.dial("1175"), second.dial("1175")]
        for call in called.calls:
            call.ring()
        self.bench.run(2)
        self.assertEqual(watch.lamps()[-1], "recipient early 1118, recipient early 1047")
        talks[0].hang_up()
        self.bench.run(2)
        self.assertEqual(watch.lamps()[-1], "recipient early 1047, recipient terminated")
        talks[1].hang_up()
        self.bench.run(2)
        self.assertEqual(watch.lamps()[-1], "recipient terminated")

    def test_subscribed_during_a_call(self) -> None:
        caller, called, watcher = (self.bench.phone(number) for number in ("1118", "1175", "1068"))
        talk = caller.dial("1175")
        called.call.ring()
        self.bench.run()
        self.assertEqual(self.watch(watcher, "dialog", "1175").lamps(), ["recipient early 1118"])
        talk.hang_up()

    def test_refused(self) -> None:
        watcher = self.bench.phone("1068")
        self.assertEqual(self.watch(watcher, "dialog", "4711").status, 404)
        self.assertEqual(self.watch(watcher, "noise", "1175").status, 489)
        self.assertEqual(self.watches[-1].answer.get("Allow-Events"), "dialog, presence, message-summary")  # type: ignore[union-attr]
        stranger = self.bench.phone("1118", secret="wrong", register=False)
        self.assertEqual(self.watch(stranger, "dialog", "1175").status, 401)

    def test_from_a_trunk(self) -> None:
        watcher = self.bench.phone("1068")
        trunk = Trunk(1, "PBX", watcher.host, inbound_addresses=(watcher.host,), ping_interval=0)
        self.bench.configure(replace(WITH_GROUP, trunks=(trunk,), version=2))
        self.assertEqual(self.watch(watcher, "dialog", "1175").status, 403)

    def test_options(self) -> None:
        phone = self.bench.phone("1068")
        answers: list[Response] = []
        ping(phone.endpoint, SWITCH, "sip:127.0.0.1", "sip:127.0.0.1", lambda is_there, answer: answers.append(answer))
        self.bench.run()
        self.assertEqual(answers[0].get("Allow-Events"), "dialog, presence, message-summary")
        self.assertLessEqual({"SUBSCRIBE", "PUBLISH"}, set(answers[0].items("Allow")))

    def test_line_is_deleted(self) -> None:
        watcher = self.bench.phone("1068")
        watch = self.watch(watcher, "dialog", "1118")
        lines = tuple(line for line in WITH_GROUP.lines if line.number != "1118")
        self.bench.configure(replace(WITH_GROUP, lines=lines, version=2))
        self.assertEqual(watch.last.get("Subscription-State"), "terminated;reason=noresource")
        watch.answer = None

    def test_another_secret(self) -> None:
        """A phone whose secret has changed watches nothing until it says who it is anew."""
        watcher = self.bench.phone("1068")
        watch = self.watch(watcher, "dialog", "1118")
        lines = tuple(replace(line, secret="other") if line.number == "1068" else line for line in WITH_GROUP.lines)
        self.bench.configure(replace(WITH_GROUP, lines=lines, version=2))
        self.assertEqual(watch.last.get("Subscription-State"), "terminated;reason=deactivated")
        watch.answer = None


class Seen(WatchTest):
    """Who sees the other side of a call."""

    configuration = WITH_GROUP

    def lamp(self, watcher: str, number: str = "1175") -> str:
        """What a watcher sees of a line that rings for a call from 1118, or that calls 1118."""
        watch = self.watch(self.bench.phone(watcher), "dialog", number)
        return watch.lamps()[0]

    def ring(self) -> None:
        talk = self.bench.phone("1118").dial("1175")
        self.bench.phones[0].call.ring()
        self.bench.run()
        self.talk = talk

    def setUp(self) -> None:
        super().setUp()
        self.bench.phone("1175")

    def tearDown(self) -> None:
        self.talk.hang_up()
        self.bench.run(2)
        super().tearDown()

    def test_within_the_group(self) -> None:
        self.ring()
        self.assertEqual(self.lamp("1047"), "recipient early 1118")

    def test_without_call_information(self) -> None:
        group = replace(GROUP, show_calls=False)
        self.bench.configure(replace(WITH_GROUP, groups=(group,), version=2))
        self.ring()
        self.assertEqual(self.lamp("1047"), "recipient early")

    def test_outside_of_the_group(self) -> None:
        members = tuple(member for member in TEAM if member.number != "1068")
        self.bench.configure(replace(WITH_GROUP, members=members, version=2))
        self.ring()
        self.assertEqual(self.lamp("1068"), "recipient early")
        self.assertEqual(self.lamp("1118"), "recipient early 1118")

    def test_own_line(self) -> None:
        self.bench.configure(replace(WITH_GROUP, members=(), version=2))
        self.ring()
        watch = self.watch(self.bench.phones[0], "dialog", "1175")
        self.assertEqual(watch.lamps()[0], "recipient early 1118")

    def test_vip_of_the_manager_only(self) -> None:
        """Nobody but those at the phone that rings sees for whom, the manager neither when another one's rings."""
        self.ring()
        (call_id,) = self.bench.switch.calls_by_id
        vip = Vip(Reason(ReasonCode.VIP_LISTED), ShowVipCalls.MANAGER)
        self.bench.application._known[call_id] = Known(vip)
        self.assertEqual(self.lamp("1068"), "recipient early")
        self.assertEqual(self.lamp("1047"), "recipient early")
        watch = self.watch(self.bench.phones[0], "dialog", "1175")
        self.assertEqual(watch.lamps()[0], "recipient early 1118")


class ManagerNumbers(WatchTest):
    """The lamp of a manager number: a call waits there or rings for it, talks, is over."""

    configuration = WITH_GROUP

    def test_life(self) -> None:
        manager, caller, watcher = (self.bench.phone(number) for number in ("1047", "1118", "1068"))
        watch = self.watch(watcher, "dialog", "8973")
        talk = caller.dial("8973")
        self.bench.run(1.2)
        manager.call.ring()
        self.bench.run(1.2)
        manager.call.answer()
        self.bench.run(1.2)
        talk.hang_up()
        self.bench.run(1.2)
        self.assertEqual(watch.lamps(), [
            "", "recipient early 1118", "recipient confirmed 1118", "recipient terminated"
        ])  # fmt: skip


class Documents(SynchronousTestCase):
    @settings(max_examples=100, deadline=None)
    @given(*[st.text(st.characters(codec=None), max_size=30)] * 4)
    def test_any_text(self, own: str, other: str, name: str, dialog: str) -> None:
        shown = ShownDialog(dialog, DialogState.EARLY, number="1", name=name)
        root = etree.fromstring(dialog_info(own, [(shown, other)], 3))
        self.assertEqual(root.get("version"), "3")

    def test_markup_in_a_name(self) -> None:
        shown = ShownDialog("a", DialogState.EARLY, number="1", name='<b a="1">&amp;</b>]]>\x00')
        root = etree.fromstring(dialog_info("sip:1@x", [(shown, "sip:2@x")], 0))
        self.assertEqual(root.find(f".//{DIALOG}remote/{DIALOG}identity").get("display"), '<b a="1">&amp;</b>]]>\ufffd')

