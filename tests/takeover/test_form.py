"""A call as a node keeps it for the others: what is written is read again, and nothing else is."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from magroup.groups.open_call import OpenCall
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.groups import ShowVipCalls
from magroup.sip.session_form import HopForm, SessionForm
from magroup.switch.talk_form import CancelForm, LegForm, PartyForm, RingingForm, RouteForm, TalkForm, WaitingForm
from magroup.taken_form import TakenCall, read, written

ID = "a-x-1"
words = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=40)
hops = st.builds(
    HopForm, st.sampled_from(("udp", "tcp", "tls")), st.sampled_from(("192.0.2.1", "2001:db8::1")),
    st.integers(1, 65535), st.sampled_from(("", "pbx.example")),
)  # fmt: skip
routes = st.lists(st.sampled_from(("<sip:192.0.2.9;lr>", "<sip:n1-ab@192.0.2.8:5062;lr>")), max_size=3).map(tuple)
numbers = st.integers(0, (1 << 31) - 1)
bodies = st.binary(max_size=60)
tokens = st.lists(st.sampled_from(("UPDATE", "INVITE", "timer")), max_size=3, unique=True).map(tuple)


def sessions(tag: str) -> st.SearchStrategy[SessionForm]:
    return st.builds(
        SessionForm, words, st.just(f"<sip:1@a>;tag={tag}"), st.just(tag), st.just('"Ö" <sip:2@b>;tag=r'), words,
        numbers, numbers, st.just("sip:2@192.0.2.7:5070;transport=tcp"), routes, st.booleans(), hops, st.booleans(),
        st.booleans(), words, bodies, tokens, tokens, st.integers(0, 86400), st.booleans(),
    )  # fmt: skip


def legs(device: str) -> st.SearchStrategy[LegForm]:
    route = st.none() | st.builds(RouteForm, st.just("sip:2@192.0.2.7"), hops, routes, numbers, words)
    party = st.builds(PartyForm, words, words, st.booleans())
    return st.builds(
        LegForm, st.just(device), party, sessions(f"t{device}"), bodies, st.booleans(), st.booleans(),
        st.none() | st.booleans(), numbers, numbers, st.sampled_from(("", "192.0.2.3")), route,
    )  # fmt: skip


talks = st.builds(
    TalkForm, legs("1047"), legs("1201"), st.integers(0, 255), st.lists(words, max_size=3).map(tuple),
    st.lists(words, max_size=3).map(tuple), st.just(()),
)  # fmt: skip
INVITE = (
    b"INVITE sip:1047@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nFrom: <sip:1@h>;tag=a\r\n"
    b"To: <sip:1047@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
)
CANCEL = INVITE.replace(b"INVITE", b"CANCEL")
waits = st.builds(
    WaitingForm, legs("1201"), st.just("8973"),
    st.lists(st.builds(CancelForm, hops, st.just(CANCEL)), max_size=3).map(tuple),
    st.integers(0, 255), st.lists(words, max_size=3).map(tuple), st.just(()), st.just(()),
)  # fmt: skip
states = st.sampled_from((ConnectionState.CONNECTED, ConnectionState.HOLD))


def call(*found: ConnectionState) -> Call:
    connections = tuple(
        Connection(ConnectionId(ID, device), state, Party(device), True, 7.5)
        for device, state in zip(("1201", "1047"), found, strict=True)
    )
    return Call(ID, Party("1201", "Ara"), Party("8973", "Group"), 5.25, connections)


def record() -> OpenCall:
    """One that has rung two."""
    made = OpenCall(ID, Party("1201", "Ara"), "Ara", "8973", "Group", 5.25, True)
    made.group_id, made.answered_at, made.is_vip, made.overflow = 3, 6.0, True, "number 4321"
    made.transferred_from = "a-x-0"
    made.note([Reason(ReasonCode.NO_ANSWER, "S1047", 15), Reason(ReasonCode.ANSWERED, "S1175", 2, "é")])
    made.rings = {"1047": (4, 3)}
    caller = made.add("1201", "Ara", "", False)
    caller.answered(6.0)
    rung = made.add("1175", "Raf", "u1175", True, False)
    rung.ringing_at, rung.ended_at, rung.cause = 5.5, 5.75, "busy"
    del made.up["1175"]
    made.add("1047", "Ana", "u1047", True).answered(6.0)
    made.rings.clear()
    return made


VIP = Vip(Reason(ReasonCode.VIP_LISTED, "S1047"), ShowVipCalls.MANAGER)


class Forms(SynchronousTestCase):
    @given(talks, states, states, st.booleans(), st.sampled_from((None, VIP)))
    def test_written_and_read(
        self, talk: TalkForm, one: ConnectionState, other: ConnectionState, is_recorded: bool, vip: Vip | None
    ) -> None:
        open_call = record() if is_recorded else None
        taken = read(ID, written(TakenCall(call(one, other), talk, open_call, vip)))
        self.assertEqual((taken.call, taken.talk, taken.vip), (call(one, other), talk, vip))
        self.assertEqual(taken.record is not None, is_recorded)
        if taken.record is not None and open_call is not None:
            self.assertEqual(taken.record.record(9.0, "x", "y"), open_call.record(9.0, "x", "y"))
            self.assertEqual(list(taken.record.up), ["1201", "1047"])
            self.assertEqual(taken.record.add("1", "", "", True).id, f"{ID}/4")

    @given(waits, states, st.booleans(), st.sampled_from((None, VIP)))
    def test_of_one_that_waits(
        self, waiting: WaitingForm, state: ConnectionState, is_recorded: bool, vip: Vip | None
    ) -> None:
        open_call = record() if is_recorded else None
        up = call(state, state).without("1047")
        data = written(TakenCall(up, None, open_call, vip, waiting))
        taken = read(ID, data)
        self.assertEqual((taken.call, taken.talk, taken.waiting, taken.vip), (up, None, waiting, vip))
        self.assertEqual(taken.record is not None, is_recorded)
        form = json.loads(data)
        cancel = b64encode(CANCEL).decode()
        nowhere = {"hop": {"transport": "x", "host": "a", "port": 1}, "message": cancel}
        other = {"hop": {"transport": "udp", "host": "192.0.2.1", "port": 1}, "message": b64encode(INVITE).decode()}
        for spoiled in (
            {"number": "8973\r\nX: y"}, {"ringing": [nowhere]}, {"ringing": [other]}, {"ringing": ["x"]},
            {"forwards": -1},
            {"caller": {**form["waiting"]["caller"], "device": "1047"}},
        ):
            self.spoiled(form, waiting={**form["waiting"], **spoiled})
        for version in (0, 1, 3):
            self.spoiled(form, version=version)
        self.spoiled(form, waiting=None)
        self.spoiled(form, talk=form["waiting"])

    def test_of_one_that_rings(self) -> None:
        """Only an INVITE begins a call."""
        hop = HopForm("udp", "192.0.2.1", 5060)
        rings = RingingForm(hop, "1201", INVITE, (CancelForm(hop, CANCEL),))
        up = call(ConnectionState.CONNECTED, ConnectionState.ALERTING)
        data = written(TakenCall(up, None, None, None, ringing=rings))
        taken = read(ID, data)
        self.assertEqual((taken.ringing, taken.talk, taken.waiting, taken.record), (rings, None, None, None))
        form = json.loads(data)
        response = b"SIP/2.0 200 OK" + INVITE[25:]
        for message in (b"", b"INVITE", INVITE.replace(b"INVITE", b"BYE"), response, b"\xff" * 40):
            self.spoiled(form, ringing={**form["ringing"], "invite": b64encode(message).decode()})
        self.spoiled(form, ringing={**form["ringing"], "line": "1\r\n"})
        self.spoiled(form, ringing={**form["ringing"], "hop": {"transport": "udp", "host": "pbx", "port": 1}})
        for version in (1, 2):
            self.spoiled(form, version=version)

    def spoiled(self, form: dict[str, Any], **fields: object) -> None:
        with self.assertRaises(ValueError):
            read(ID, json.dumps({**form, **fields}).encode())

    def form(self) -> dict[str, Any]:
        """As JSON; ``talk.peer`` is that of 1201."""
        session = {
            "call_id": "c", "local": "<sip:1@a>;tag=l", "local_tag": "l", "remote": "<sip:2@b>;tag=r",
            "remote_tag": "r",
            "local_seq": 1, "remote_seq": 0, "target": "sip:2@192.0.2.7", "routes": ["<sip:192.0.2.9;lr>"],
            "direct": True, "hop": {"transport": "udp", "host": "192.0.2.7", "port": 5060}, "by_connection": False,
            "owns_call_id": True, "contact_user": "1", "local_sdp": "dj0w", "allows": ["BYE"], "supports": [],
            "interval": 1800, "refreshes": True,
        }  # fmt: skip
        leg = {
            "device": "1047", "party": {"number": "1047", "name": "", "external": False}, "session": session,
            "remote_sdp": "", "is_held": False, "is_held_here": False, "digits_by_info": None, "origin": 1,
            "version": 1, "address": "", "route": None,
        }  # fmt: skip
        other = {**leg, "device": "1201", "session": {**session, "local_tag": "l2"}}
        talk = {"caller": leg, "peer": other, "forwards": 70, "passed": [], "came_from": [], "diverted_from": []}
        up = call(ConnectionState.CONNECTED, ConnectionState.CONNECTED)
        form = json.loads(written(TakenCall(up, msgspec.convert(talk, TalkForm), record(), VIP)))
        self.assertIsInstance(read(ID, json.dumps(form).encode()), TakenCall)
        return dict(form)

    def refused(self, spoil: Callable[[dict[str, Any]], object]) -> None:
        form = self.form()
        spoil(form)
        with self.assertRaises(ValueError):
            read(ID, json.dumps(form).encode())

    def test_what_is_refused(self) -> None:
        """Whatever could do harm in a header, or leads nowhere, or is another call's."""

        def session(**fields: Any) -> Callable[[dict[str, Any]], object]:
            return lambda form: form["talk"]["caller"]["session"].update(fields)

        def hop(**fields: Any) -> Callable[[dict[str, Any]], object]:
            return lambda form: form["talk"]["peer"]["session"]["hop"].update(fields)

        for spoil in (
            session(call_id=""), session(call_id="x\r\nEvil: 1"), session(local="<sip:1@a>\n"), session(remote="no"),
            session(target="sip:"), session(target="tel:123"), session(routes=["nowhere <"]),
            session(routes=["<sip:192.0.2.9;lr>"] * 33), session(local_seq=-1), session(remote_seq=1 << 31),
            session(interval=90_000), session(local_sdp="?"), session(local_sdp="A" * 24_000), session(direct=1),
            session(allows=["X"] * 65), session(contact_user="x" * 257), session(local_tag="l2"),
            hop(host="pbx.example"), hop(port=0), hop(transport="ws"), hop(host="1.2.3.4 "), hop(host="::1]"),
            lambda form: form.update(version=2), lambda form: form.pop("talk"),
            lambda form: form["call"].__setitem__(0, "a-x-2"), lambda form: form["call"].__setitem__(5, True),
            lambda form: form["call"][4].pop(), lambda form: form["call"][4][0].__setitem__(1, "alerting"),
            lambda form: form["talk"]["peer"].update(device="1175"), lambda form: form["talk"].update(forwards=256),
            lambda form: form["talk"].update(passed=["1"] * 65), lambda form: form["record"].update(id="a-x-2"),
            lambda form: form["record"].update(trail=[{"code": "of_no_kind"}]),
            lambda form: form["record"].update(legs=form["record"]["legs"] * 100),
            lambda form: form["record"].update(started_at=1e300),
        ):  # fmt: skip
            self.refused(spoil)

    @given(st.binary(max_size=200))
    def test_any_octets(self, data: bytes) -> None:
        with self.assertRaises(ValueError):
            read(ID, data)

    def test_too_long(self) -> None:
        form = self.form()
        with self.assertRaises(ValueError):
            read(ID, json.dumps({**form, "more": "x" * 70_000}).encode())
        taken = read(ID, json.dumps(form).encode())
        assert taken.record is not None
        taken.record.note([Reason(ReasonCode.ANSWERED, "x" * 1000)] * 100)
        with self.assertRaises(ValueError):
            written(taken)
