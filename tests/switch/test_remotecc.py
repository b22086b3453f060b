"""Cisco phones with remotecc on the bench: what they are told."""

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Member
from magroup.model.messages import MessagesWaiting
from magroup.model.presence import Presence
from tests.switch.remotecc import Cisco, CiscoTest


class Told(CiscoTest):
    def test_after_registering(self) -> None:
        """Its line, then the lamps of the others in its groups."""
        self.bench.waiting["1047"] = MessagesWaiting(2, 5)
        cisco = self.cisco()
        self.assertEqual(sorted(cisco.since()), ["1068 closed", "1175 closed", "bulk yes 2 5 - off"])
        refer = next(one for one in cisco.requests if one.method == "REFER")
        self.assertEqual(refer.get("Require"), "norefersub")
        self.assertEqual(refer.get("Refer-To"), "cid:" + refer.get("Content-Id"))
        notify = next(one for one in cisco.requests if one.method == "NOTIFY")
        self.assertEqual((notify.get("Event"), notify.content_type), ("presence", "application/pidf+xml"))

    def test_again(self) -> None:
        """Once more registered it is told nothing that it knows; started anew, everything."""
        cisco = self.cisco()
        cisco.since()
        cisco.phone.register()
        self.bench.run(1.0)
        self.assertEqual(cisco.since(), [])
        cisco.phone._registering._call_id = "anew"
        cisco.phone.register()
        self.bench.run(1.0)
        self.assertEqual(len(cisco.since()), 3)
        self.assertEqual(len(self.bench.watching.phone_updates.lamps), 1)

    def test_others(self) -> None:
        """Phones that are none of Cisco's are told nothing; those that do not take presence no lamps."""
        cisco = self.cisco(asks=b"")
        self.assertEqual(cisco.since(), ["bulk no 0 0 - off"])
        other = self.cisco("1175")
        other.since()
        other.phone.unregister()
        other.phone.endpoint.agent = "Cisco-CP-8861-3PCC/11.0"
        other.phone.register()
        self.bench.run(1.0)
        self.assertEqual(other.since(), [])

    def test_changes(self) -> None:
        cisco = self.cisco()
        cisco.since()
        self.bench.waiting["1047"] = MessagesWaiting(1)
        self.bench.watching.messages_changed("1047")
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["bulk yes 1 0 - off"])
        self.bench.application.forwarding.set_line("1047", Forwarding(ForwardTo.NUMBER, "1118"), "test")
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["bulk yes 1 0 1118 off"])

    def test_lamps(self) -> None:
        cisco, other = self.cisco(), self.bench.phone("1175")
        cisco.since()
        third = self.bench.phone("1118")
        self.bench.run(0.5)
        third.dial("1175")
        self.bench.run(0.5)
        other.call.ring()
        self.bench.run(0.5)
        other.call.answer()
        self.bench.run(0.5)
        other.call.hang_up()
        self.bench.run(0.5)
        told = [words for words in cisco.since() if words.startswith("1175")]
        self.assertEqual(told, ["1175 open alerting", "1175 open on-the-phone busy", "1175 open"])

    def test_do_not_disturb(self) -> None:
        cisco = self.cisco()
        self.bench.phone("1175")
        self.bench.run(0.5)
        cisco.since()
        self.bench.book.set("user1175", Presence.DND)
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["1175 open dnd"])

    def test_last_state(self) -> None:
        """While the phone has not answered, the states in between are left out."""
        cisco = self.cisco()
        cisco.since()
        cisco.status = 0
        for new in (1, 2, 3):
            self.bench.waiting["1047"] = MessagesWaiting(new)
            self.bench.watching.messages_changed("1047")
        self.bench.run(0.2)
        cisco.answer()
        self.bench.run(0.2)
        self.assertEqual(cisco.since(), ["bulk yes 1 0 - off", "bulk yes 3 0 - off"])

    def test_deaf(self) -> None:
        """What it does not want to hear of it is not told again."""
        phone = self.bench.phone("1047", register=False)
        cisco = Cisco(phone)
        cisco.deaf_to = "1175"
        phone.register()
        self.bench.run(1.0)
        cisco.since()
        self.bench.phone("1175")
        self.bench.phone("1068")
        self.bench.run(1.0)
        self.assertEqual(cisco.since(), ["1068 open"])

    def test_gone(self) -> None:
        cisco = self.cisco()
        updates = self.bench.watching.phone_updates
        self.assertEqual((len(updates.own_lines), len(updates.lamps)), (1, 1))
        cisco.phone.unregister()
        self.assertEqual((len(updates.own_lines), len(updates.lamps)), (0, 0))
        self.assertEqual(updates._takes_presence, set())

    def test_another_group(self) -> None:
        """Who joins is watched from then on."""
        cisco = self.cisco()
        cisco.since()
        joined = Member(9, 1, "user1118", "1118", "S9", False, 4)
        configuration = self.bench.configuration
        self.bench.configure(configuration.changed(members=(*configuration.members, joined)))
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["1118 closed"])
