"""Attended transfers: by REFER and by Replaces, from both ends, and through a trunk."""

from itertools import product

from magroup.cti.switch import Accept, Ring
from magroup.cti.types import ConnectionId, Party
from magroup.model.lines import Trunk
from tests.switch.bench import Phone, Talk, company, run
from tests.switch.transferring import TransferTest


class Attended(TransferTest):
    """REFER with Replaces."""

    def consult(self, first: Talk, who: Phone, by: Phone) -> tuple[Talk, Talk]:
        """Hold, and talk to somebody else: the own end and the other one."""
        first.hold()
        self.bench.run()
        second = by.dial(who.number)
        who.call.answer()
        self.bench.run()
        return second, who.call

    def test_all_combinations(self) -> None:
        """By the caller or the called one of either call, with the tags in either order, escaped in either case."""
        for called_first, calls_second, swapped, lower in product((True, False), repeat=4):
            talk, first = self.talking()
            mine, other = (first, talk) if called_first else (talk, first)
            me = mine.phone
            if calls_second:
                second, target = self.consult(mine, self.ara, me)
            else:
                mine.hold()
                self.bench.run()
                target = self.ara.dial(me.number)
                me.call.answer()
                self.bench.run()
                second = me.call
            value = second.replaces(swapped)
            value = value.replace("%3B", "%3b").replace("%3D", "%3d") if lower else value
            mine.refer(f"<sip:1068@127.0.0.1?Replaces={value}>")
            self.bench.run()
            self.assert_joined(other, target)
            self.assertEqual((mine.log[-1].split(" ")[0], second.log[-1].split(" ")[0]), ("ended", "ended"))
            (other if lower else target).hang_up()
            self.bench.run()
            self.assertEqual((other if not lower else target).log[-1], "ended")
            self.assertEqual(self.bench.switch.calls(), ())

    def test_both_on_hold(self) -> None:
        """The consultation is held too: both others are heard again."""
        talk, first = self.talking()
        second, target = self.consult(first, self.ara, self.tijana)
        second.hold()
        self.bench.run()
        first.refer(f"<sip:1068@127.0.0.1?Replaces={second.replaces()}>")
        self.bench.run()
        self.assert_joined(talk, target)
        target.hang_up()

    def test_held_by_the_others(self) -> None:
        """One who holds the call stays on hold after the transfer, until it retrieves."""
        talk, first = self.talking()
        talk.hold()
        self.bench.run()
        second, target = self.consult(first, self.ara, self.tijana)
        first.refer(f"<sip:1068@127.0.0.1?Replaces={second.replaces()}>")
        self.bench.run()
        self.assertTrue(talk.is_up and target.is_up)
        talk.retrieve()
        self.bench.run()
        self.assert_joined(talk, target)
        target.hang_up()

    def test_while_it_rings(self) -> None:
        talk, first = self.talking()
        first.hold()
        self.bench.run()
        second = self.tijana.dial("1068")
        self.ara.call.ring()
        self.bench.run()
        first.refer(f"<sip:1068@127.0.0.1?Replaces={second.replaces()}>")
        self.bench.run()
        self.assertEqual(len(self.ara.calls), 1)
        self.assertEqual(self.ara.call.log, [])
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        self.assertEqual((first.log[-1].split(" ")[0], second.log[-1].split(" ")[0]), ("ended", "rejected"))
        talk.hang_up()

    def test_while_it_rings_and_nobody_answers(self) -> None:
        """Given back to who transferred."""
        talk, first = self.talking()
        second = self.tijana.dial("1068")
        self.ara.call.ring()
        self.bench.run()
        first.refer(f"<sip:1068@127.0.0.1?Replaces={second.replaces()}>")
        self.bench.run()
        self.ara.call.reject(486)
        self.bench.run()
        self.assertTrue(first.notified[-1].startswith("SIP/2.0 486"))
        self.assert_joined(talk, first)
        talk.hang_up()

    def test_consultation_that_is_over(self) -> None:
        """Its dialog is known no more."""
        talk, first = self.talking()
        second, target = self.consult(first, self.ara, self.tijana)
        value = second.replaces()
        target.hang_up()
        self.bench.run()
        first.refer(f"<sip:1068@127.0.0.1?Replaces={value}>")
        self.bench.run()
        self.assertTrue(first.notified[-1].startswith("SIP/2.0 481"))
        first.retrieve()
        self.bench.run()
        self.assert_joined(talk, first)
        talk.hang_up()

    def test_of_a_call_with_itself(self) -> None:
        talk, first = self.talking()
        first.refer(f"<sip:1068@127.0.0.1?Replaces={first.replaces()}>")
        self.bench.run()
        self.assertEqual(first.log[-1], "refer 603")
        self.assert_joined(talk, first)
        talk.hang_up()

    def test_target_hangs_up_at_the_same_time(self) -> None:
        """Whoever is first, nothing is left."""
        talk, first = self.talking()
        second, target = self.consult(first, self.ara, self.tijana)
        first.refer(f"<sip:1068@127.0.0.1?Replaces={second.replaces()}>")
        target.hang_up()
        self.bench.run()
        self.assertFalse(target.is_up)
        for one in (first, talk):
            if one.is_up:
                one.hang_up()
                self.bench.run()


class Replaced(TransferTest):
    """INVITE with Replaces."""

    def test_established(self) -> None:
        """Whoever comes takes the place of either end."""
        for of_the_called in (True, False):
            talk, first = self.talking()
            leaves, stays = (first, talk) if of_the_called else (talk, first)
            new = self.ara.dial("1047", headers={"Replaces": [self.value(leaves, of_the_called)]})
            self.assertEqual(leaves.log[-1].split(" ")[0], "ended")
            self.assert_joined(stays, new)
            stays.hang_up()
            self.bench.run()

    def test_while_being_transferred(self) -> None:
        """Not now: the transfer would leave the new one without a call."""
        four = self.bench.phone("1118")
        talk, first = self.talking()
        first.refer("<sip:1068@127.0.0.1>")
        self.bench.run()
        for leaves in (talk, first):
            self.assertEqual(four.dial("1047", headers={"Replaces": [self.value(leaves)]}).log, ["rejected 491"])
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()
        self.bench.run()

    def value(self, of: Talk, swapped: bool = False) -> str:
        """The Replaces value for the dialog of a phone with the switch."""
        dialog = of.session.confirmed_dialog
        tags = (dialog.remote_tag, dialog.local_tag)
        to_tag, from_tag = tags[::-1] if swapped else tags
        return f"{dialog.call_id};from-tag={from_tag};to-tag={to_tag}"

    def test_without_an_offer(self) -> None:
        """The other end makes it, and gets the answer."""
        for of_the_called in (True, False):
            talk, first = self.talking()
            leaves, stays = (first, talk) if of_the_called else (talk, first)
            new = self.ara.dial("1047", offer=b"", headers={"Replaces": [self.value(leaves)]})
            self.bench.run()
            self.assert_joined(stays, new)
            new.hang_up()
            self.bench.run()

    def test_refused_by_the_one_that_stays(self) -> None:
        """No media in common with the new one: everything ends."""
        talk, first = self.talking()
        talk.answers_changes = False
        new = self.ara.dial("1047", headers={"Replaces": [self.value(first)]})
        self.bench.run()
        talk.offers[-1].reject(488)
        self.bench.run()
        self.assertTrue(new.log[-1].startswith("rejected"))
        self.assertFalse(talk.is_up)

    def test_new_one_gives_up(self) -> None:
        talk, first = self.talking()
        talk.answers_changes = False
        new = self.ara.dial("1047", headers={"Replaces": [self.value(first)]})
        self.bench.run(0.3)
        new.hang_up()
        self.bench.run()
        self.assertFalse(talk.is_up or first.is_up)

    def test_ringing(self) -> None:
        """A call that rings elsewhere is taken: pick-up by a phone."""
        talk = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run()
        new = self.ara.dial("1047", headers={"Replaces": [self.value(self.tijana.call)]})
        self.bench.run()
        self.assertEqual(self.tijana.call.log, ['cancelled SIP;cause=200;text="Call completed elsewhere"'])
        self.assert_joined(talk, new)
        self.assertEqual(self.bench.told("1047", "1068")[-2:], ["Established 1068", "ConnectionCleared 1047"])
        talk.hang_up()

    def test_ringing_without_an_offer(self) -> None:
        talk = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run()
        new = self.ara.dial("1047", offer=b"", headers={"Replaces": [self.value(self.tijana.call)]})
        self.bench.run()
        self.assert_joined(talk, new)
        talk.hang_up()

    def test_ringing_for_a_caller_without_an_offer(self) -> None:
        talk = self.raf.dial("1047", offer=b"")
        self.tijana.call.ring()
        self.bench.run()
        new = self.ara.dial("1047", headers={"Replaces": [self.value(self.tijana.call)]})
        self.bench.run()
        self.assert_joined(talk, new)
        talk.hang_up()

    def test_ringing_for_one_who_listens(self) -> None:
        """A caller at a route point that hears an announcement."""
        self.bench.switch.route_register(["8973"])
        talk = self.raf.dial("8973")
        call = self.bench.switch.calls()[0].id
        self.bench.switch.accept_call(call, Accept.ANSWER)
        self.bench.switch.play_message(call, ["Waiting1.wav"], True)
        self.bench.switch.ring(call, [Ring("1047", Party("1175"))])
        self.bench.run()
        self.tijana.call.ring()
        self.bench.run()
        new = self.ara.dial("8973", headers={"Replaces": [self.value(self.tijana.call)]})
        self.bench.run()
        self.assert_joined(talk, new)
        new.hang_up()
        self.bench.run()
        self.assertEqual(talk.log[-1], "ended")

    def test_nothing_to_replace(self) -> None:
        """Unknown dialog, wrong tag, early-only for an answered call; the call goes on."""
        talk, first = self.talking()
        good = self.value(first)
        for value, status in (
            ("unknown;from-tag=1;to-tag=2", 481),
            (good.replace("to-tag=", "to-tag=x"), 481),
            (f"{good};early-only", 486),
            ("no tags", 400),
        ):
            new = self.ara.dial("1047", headers={"Replaces": [value]})
            self.assertEqual(new.log, [f"rejected {status}"])
        self.assert_joined(talk, first)
        talk.hang_up()


class Service(TransferTest):
    """By the port: no phone asks, no phone is notified."""

    def test_recall(self) -> None:
        """The phone hangs up while the target rings."""
        talk, first = self.talking()
        (call,) = self.bench.switch.calls()
        run(self.bench.switch.single_step_transfer_call(ConnectionId(call.id, "1047"), "1068"))
        self.bench.run()
        first.hang_up()
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assert_joined(talk, self.ara.call)
        talk.hang_up()


class ThroughTrunk(TransferTest):
    """To numbers behind another switch."""

    configuration = company(trunks=(Trunk(1, "PBX", "127.0.0.99", is_default=True, ping_interval=0),))

    def test_outside_number(self) -> None:
        pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        talk, first = self.talking()
        first.refer("<sip:0315551234@127.0.0.1>")
        self.bench.run()
        pbx.call.ring()
        self.bench.run()
        pbx.call.answer()
        self.bench.run()
        self.assertEqual(pbx.call.invite.uri.number, "0315551234")
        self.assertTrue(talk.is_up and pbx.call.is_up)
        self.assertFalse(first.is_up)
        talk.hang_up()

    def test_consultation_that_only_the_other_switch_knows(self) -> None:
        """The Replaces goes on to it, the tags as the called one sees them."""
        pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        talk, first = self.talking()
        first.refer("<sip:0315551234@127.0.0.1?Replaces=abc%40pbx%3Bto-tag%3D1%3Bfrom-tag%3D2>")
        self.bench.run()
        self.assertEqual(pbx.call.invite.get("Replaces"), "abc@pbx;to-tag=1;from-tag=2")
        self.assertEqual(pbx.call.invite.get("Require"), "replaces")
        pbx.call.reject(486)
        self.bench.run()
        self.assert_joined(talk, first)
        talk.hang_up()
