"""What Asterisk's events mean as calls: traces from its documentation, and any order of them."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.ami.calls import CallBook
from magroup.ami.channel import Channel, local_pair, peer_of
from magroup.ami.parties import Parties
from magroup.cti.events import CallEvent, Diverted, NetworkReached, Transferred
from magroup.cti.types import Cause, ConnectionState
from tests.ami import traces

LINES = frozenset({"1175", "1176", "1177"})
ALL = (traces.INTO_A_FOLLOW_ME + traces.THE_PHONE_CONSULTS + traces.MERGED + traces.TRANSFERRED + "b2"
       + traces.BOTH_ARE_GONE + traces.IT_ENDS + traces.OUT_OVER_A_TRUNK + traces.TWO_CONTACTS_AND_ANOTHER
       + traces.TO_OUR_TRUNK + traces.RINGS_BEFORE_THE_DIAL.format(caller="1176") + traces.ASTERISK_CONSULTS
       + traces.IT_IS_OVER.format(caller="1176") + traces.GIVEN_UP_BEHIND_A_LOCAL_ONE + traces.PICKED_UP)  # fmt: skip


class CallTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.book = CallBook("ast", LINES.__contains__, "magroup")
        self.events: list[CallEvent] = []

    def play(self, trace: str) -> list[str]:
        """What is told of it."""
        before = len(self.events)
        for message in traces.messages(trace):
            self.events += self.book.apply(message, 7.0)
        return [f"{type(event).__name__} {event.device}" for event in self.events[before:]]

    def states(self, call_id: str) -> dict[str, ConnectionState]:
        return {one.id.device: one.state for one in self.book.calls[call_id].connections}

    def assert_nothing_left(self) -> None:
        self.assertEqual({name: left for name, left in self.book.describe().items() if left}, {})

    def test_local_channels_are_hidden(self) -> None:
        """In from outside over a follow-me; the caller with number and name, as somebody outside."""
        told = self.play(traces.INTO_A_FOLLOW_ME)
        self.assertEqual(told, ["Originated 0791112233", "Delivered 1175", "Established 1175"])
        (call,) = self.book.calls.values()
        self.assertEqual((call.id, call.calling.name, call.calling.external), ("ast-1.10", "Vera", True))
        self.assertEqual((call.called.number, call.connections[1].party.external), ("0315311111", False))
        told = self.play(traces.IT_ENDS)
        self.assertEqual(told, ["ConnectionCleared 1175", "ConnectionCleared 0791112233", "CallCleared 1175"])
        self.assert_nothing_left()

    def consulted(self) -> None:
        self.play(traces.INTO_A_FOLLOW_ME)
        told = self.play(traces.THE_PHONE_CONSULTS)
        self.assertEqual(told, ["Held 1175", "Originated 1175", "Delivered 1176", "Established 1176"])
        self.assertEqual(self.states("ast-1.10")["1175"], ConnectionState.HOLD)
        self.assertEqual(self.states("ast-1.20")["1175"], ConnectionState.CONNECTED)

    def test_transferred_by_the_phone(self) -> None:
        """Whether Asterisk tells of the transfer before the channels move or after."""
        after = traces.MERGED + traces.TRANSFERRED + "b2" + traces.BOTH_ARE_GONE
        before = "\n" + traces.TRANSFERRED + "b2" + traces.MERGED + traces.BOTH_ARE_GONE
        for trace in (after, before):
            self.setUp()
            self.consulted()
            told = self.play(trace)
            self.assertEqual(told, ["Transferred 1175", "ConnectionCleared 1175", "ConnectionCleared 1176",
                                    "CallCleared 1175"])  # fmt: skip
            transferred = self.events[-4]
            assert isinstance(transferred, Transferred)
            self.assertEqual((transferred.call_id, transferred.other_call_id), ("ast-1.10", "ast-1.20"))
            self.assertEqual(transferred.transferred_to.number, "1176")
            self.assertEqual(self.events[-1].cause, Cause.TRANSFER)
            self.assertEqual(set(self.states("ast-1.10").values()), {ConnectionState.CONNECTED})

    def test_transferred_into_the_other_call(self) -> None:
        """Asterisk may keep the bridge of the consultation: that call goes on then."""
        self.consulted()
        self.play(traces.THE_OTHER_WAY_ROUND + traces.TRANSFERRED + "b3" + traces.BOTH_ARE_GONE)
        (transferred,) = (event for event in self.events if isinstance(event, Transferred))
        self.assertEqual((transferred.call_id, transferred.other_call_id), ("ast-1.20", "ast-1.10"))
        self.assertEqual(list(self.book.calls), ["ast-1.20"])
        self.assertEqual(self.states("ast-1.20"), {"0791112233": ConnectionState.CONNECTED,
                                                   "1176": ConnectionState.CONNECTED})  # fmt: skip

    def test_out_over_a_trunk(self) -> None:
        """The number that was dialled is who is called; nothing more is known of it."""
        told = self.play(traces.OUT_OVER_A_TRUNK)
        self.assertEqual(told, [
            "Originated 1175", "NetworkReached 0791234567", "Established 0791234567", "ConnectionCleared 1175",
            "ConnectionCleared 0791234567", "CallCleared 0791234567",
        ])  # fmt: skip
        reached = self.events[1]
        assert isinstance(reached, NetworkReached)
        self.assertTrue(reached.call.connections[1].party.external)
        self.assertEqual(reached.call.called.number, "0791234567")
        self.assert_nothing_left()

    def test_several_phones(self) -> None:
        """Two of one line are one connection; who was not the first was answered elsewhere."""
        told = self.play(traces.TWO_CONTACTS_AND_ANOTHER)
        self.assertEqual(told, ["Originated 1176", "Delivered 1175", "Delivered 1177", "Established 1175",
                                "ConnectionCleared 1177"])  # fmt: skip
        self.assertEqual(self.events[-1].cause, Cause.ANSWERED_ELSEWHERE)

    def test_sent_on_by_the_phone(self) -> None:
        """By a forwarding that the phone has itself (302), whether it has rung before or not."""
        self.assertEqual(self.play(traces.SENT_ON_BY_THE_PHONE), ["Originated 1176", "Diverted 1175", "Delivered 1177"])
        diverted = self.events[1]
        assert isinstance(diverted, Diverted)
        self.assertEqual((diverted.new_destination, diverted.cause), ("1177", Cause.CALL_FORWARD))
        dialled = "6.2 6.1 0 DialString=1175\n"
        rung = traces.SENT_ON_BY_THE_PHONE.replace(dialled, f"{dialled}Newstate PJSIP/1175-00000002 6.2 6.1 5\n")
        self.setUp()
        self.assertEqual(self.play(rung), ["Originated 1176", "Delivered 1175", "Diverted 1175", "Delivered 1177"])

    def test_over_our_trunk(self) -> None:
        """Told by the embedded switch, not once more."""
        self.assertEqual(self.play(traces.OVER_OUR_TRUNK), [])
        self.assert_nothing_left()

    def test_to_our_trunk(self) -> None:
        """Until it is clear where the call goes, it is one of the PBX."""
        told = self.play(traces.TO_OUR_TRUNK)
        self.assertEqual(told, ["Originated 1175", "ConnectionCleared 1175", "CallCleared 1175"])
        self.assert_nothing_left()

    def test_to_a_manager_number(self) -> None:
        """That is clear from the beginning."""
        self.book.points = frozenset({"4000"})
        self.assertEqual(self.play(traces.TO_OUR_TRUNK), [])
        self.assert_nothing_left()

    def test_the_dial_is_told_late(self) -> None:
        """Who rings, or has answered, makes no call of its own; over our trunk nothing is told at all."""
        begins, ends = traces.RINGS_BEFORE_THE_DIAL, traces.IT_IS_OVER
        self.assertEqual(self.play(begins.format(caller="1176")), ["Originated 1176", "Established 1175"])
        self.assertEqual(self.play(ends.format(caller="1176")),
                         ["ConnectionCleared 1176", "ConnectionCleared 1175", "CallCleared 1176"])  # fmt: skip
        self.assert_nothing_left()
        self.setUp()
        self.assertEqual(self.play(begins.format(caller="magroup") + ends.format(caller="magroup")), [])
        self.assert_nothing_left()

    def test_asterisk_consults(self) -> None:
        """It says that the phone holds, and no more that it does not: in the consultation it talks. Its digits are
        nobody's.
        """
        self.play(traces.RINGS_BEFORE_THE_DIAL.format(caller="1176"))
        self.book.quiet.add("7.2")
        told = self.play(traces.ASTERISK_CONSULTS)
        self.assertEqual(told, ["Held 1175", "Originated 1175", "Delivered 1177", "Established 1177"])
        held, active = self.book.calls
        self.assertEqual(self.states(held)["1175"], ConnectionState.HOLD)
        self.assertEqual(self.states(active), dict.fromkeys(("1175", "1177"), ConnectionState.CONNECTED))
        self.assertEqual(self.book.calls[active].calling.number, "1175")

    def test_given_up_behind_a_local_channel(self) -> None:
        """Who still rings for a moment is in no other call."""
        told = self.play(traces.GIVEN_UP_BEHIND_A_LOCAL_ONE)
        self.assertEqual(told[:2], ["Originated 1176", "Delivered 1177"])
        names = sorted(one.partition(" ")[0] for one in told[2:])
        self.assertEqual(names, ["CallCleared", "ConnectionCleared", "ConnectionCleared"])
        self.assert_nothing_left()

    def test_picked_up(self) -> None:
        """By a phone that was rung for it and was told of to nobody before."""
        self.book.channels.silent.add("ours")
        told = self.play(traces.PICKED_UP)
        self.assertEqual(told, ["Originated 1176", "Delivered 1175", "Established 1177", "ConnectionCleared 1175"])
        self.assertEqual([event.cause for event in self.events[2:]], [Cause.CALL_PICKUP] * 2)
        (call,) = self.book.calls.values()
        self.assertEqual(self.states(call.id), dict.fromkeys(("1176", "1177"), ConnectionState.CONNECTED))

    @settings(max_examples=100, deadline=None)
    @given(st.data())
    def test_any_order(self, data: st.DataObject) -> None:
        """Lost, doubled and shuffled: one unbroken chain of snapshots for each call, and a list puts all right."""
        whole = traces.messages(ALL)
        places = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=2 * len(whole)))
        book = CallBook("ast", LINES.__contains__, "magroup")
        events = [event for place in places for event in book.apply(whole[place], 1.0)]
        events += book.replace([], 2.0)
        last = {}
        for event in events:
            self.assertEqual(event.old, last.get(event.call_id))
            last[event.call_id] = event.call
        self.assertTrue(all(call.ended for call in last.values()))
        self.assertEqual(book.calls, {})

    @settings(max_examples=60, deadline=None)
    @given(st.sets(st.integers(0, len(traces.messages(ALL)) - 1), max_size=12))
    def test_some_are_lost(self, lost: set[int]) -> None:
        whole = traces.messages(ALL)
        book = CallBook("ast", LINES.__contains__, "magroup")
        for place, message in enumerate(whole):
            if place not in lost:
                book.apply(message, 1.0)
        book.replace([], 2.0)
        self.assertEqual({name: left for name, left in book.describe().items() if left}, {})


class NameTests(SynchronousTestCase):
    def test_number_for_a_name(self) -> None:
        """The directory has a better one."""
        for name, wanted in (("1175", ""), ("Ann", "Ann")):
            channel = Channel("1.1", "PJSIP/1175-00000001")
            channel.number, channel.caller = "1175", name
            self.assertEqual(Parties(LINES.__contains__).of(channel).name, wanted)

    def test_peers(self) -> None:
        for name, peer in {
            "PJSIP/1175-0000001a": "1175",
            "SIP/1175-0000001": "1175",
            "PJSIP/anna-berlin-0000001a": "anna-berlin",
            "IAX2/provider-1234": "provider",
            "DAHDI/i1/0791234567-5": "i1",
            "Local/1175@from-internal-0000001a;1": "",
            "PJSIP/1175-0000001a<ZOMBIE>": "",
            "AsyncGoto/PJSIP/1175-0000001a": "",
            "nothing": "",
            "": "",
        }.items():
            self.assertEqual(peer_of(name), peer, name)

    def test_pairs(self) -> None:
        one, two = (local_pair(f"Local/1175@from-internal-0000001a;{half}") for half in (1, 2))
        self.assertEqual(one, two)
        self.assertTrue(one)
        self.assertEqual(local_pair("PJSIP/1175-0000001a"), "")
