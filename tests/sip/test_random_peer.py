"""A peer that sends anything at any time: nothing raises, nothing is logged as failed, nothing stays behind."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from magroup.sip.message import Request
from magroup.sip.session_state import SessionState
from tests.sip.network import ANSWER, EVERYTHING_OVER, OFFER, OTHER, NetworkTestCase, Node, Owner, Phone
from tests.sip.peer import raw_request

METHODS = ["INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY", "OPTIONS", "REGISTER", "FOO"]
STATUSES = [100, 180, 183, 199, 200, 202, 302, 401, 408, 422, 481, 486, 487, 491, 500, 503, 603]
HEADERS = [
    "", "Require: 100rel", "Require: thrill", "Supported: 100rel, timer", "RSeq: 1\nRequire: 100rel",
    "RSeq: 2\nRequire: 100rel", "RAck: 1 1 INVITE", "RAck: 2 1 INVITE", "RAck: x", "Session-Expires: 90",
    "Session-Expires: 10\nSupported: timer",
    "Session-Expires: 100;refresher=uac\nSupported: timer", "Session-Expires: 95;refresher=uas", "Min-SE: 120",
    "Refer-To: <sip:c@192.0.2.3>", "Refer-To: <sip:c@192.0.2.3?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", "Refer-To: x",
    "Record-Route: <sip:192.0.2.1;lr>", "Record-Route: <sip:192.0.2.1>", "Record-Route: x", "Contact: *", 'Contact: "',
    "Contact: <tel:1>", "Contact: <sip:a@10.0.0.1:99;transport=tcp>", "Retry-After: 1", "Allow: INVITE, UPDATE",
    "Accept: text/plain", "Content-Type: text/plain", "Content-Encoding: gzip", "Reason: Q.850;cause=16",
]  # fmt: skip

requests = st.tuples(
    st.just("request"), st.sampled_from(METHODS), st.integers(0, 9),
    st.sampled_from(["right", "right", "right", "right", "none", "wrong"]),
    st.sampled_from(["peer", "peer", "peer", "peer", "other", ""]),
    st.sampled_from(["new", "new", "same", "z9hG4bKx", "old"]), st.lists(st.sampled_from(HEADERS), max_size=2),
    st.sampled_from([b"", b"", OFFER, b"junk"]),
)  # fmt: skip
responses = st.tuples(
    st.just("response"), st.sampled_from(STATUSES), st.integers(0, 3), st.sampled_from(["bob", "bob", "fork", ""]),
    st.lists(st.sampled_from(HEADERS), max_size=2), st.sampled_from([b"", ANSWER, b"junk"]),
)  # fmt: skip
own = st.tuples(
    st.just("own"), st.integers(0, 1),
    st.sampled_from(["progress", "early", "answer", "reject", "bye", "change", "ask", "ack", "accept", "refuse",
                     "transfer", "notify", "info", "call", "cancel"]),
)  # fmt: skip
waits = st.tuples(st.just("wait"), st.sampled_from([0.1, 0.5, 4.0, 33.0, 70.0]))
INVITE = ("request", "INVITE", 1, "none", "peer", "new", ["Supported: 100rel, timer"], OFFER)
ACK = ("request", "ACK", 1, "right", "peer", "new", [], b"")
CALL = ("own", 1, "call")
STARTS = [
    [], [INVITE], [INVITE, ("own", 0, "early")], [INVITE, ("own", 0, "answer")], [INVITE, ("own", 0, "answer"), ACK],
    [CALL], [CALL, ("response", 180, 0, "bob", [], b"")], [CALL, ("response", 200, 0, "bob", [], ANSWER)],
    [("own", 0, "call"), ("response", 200, 0, "bob", [], OFFER)],
    [CALL, ("response", 183, 0, "bob", ["RSeq: 1\nRequire: 100rel"], ANSWER)],
    [CALL, ("response", 180, 0, "fork", [], b""), ("response", 200, 0, "bob", ["Allow: INVITE, UPDATE"], ANSWER)],
]
starts = st.sampled_from(STARTS)
programs = st.lists(st.one_of(requests, requests, responses, own, own, waits), min_size=1, max_size=25)


class RandomPeer(NetworkTestCase):
    def begin(self) -> None:
        super().setUp()
        self.phone = Phone(self.network, "192.0.2.2", session_expires=120)
        self.peer = Node(self.network, "192.0.2.1")
        self.owners = self.phone.owners
        self.branches = 0

    def request(
        self, method: str, number: int, to: str, from_tag: str, branch: str, headers: list[str], body: bytes
    ) -> None:  # fmt: skip
        self.branches += branch == "new"
        newest = f"z9hG4bK{self.branches}"
        via = {"new": newest, "same": newest, "old": f"old{number}"}.get(branch, branch)
        call_id, tag = "call", "none"
        if self.owners and self.owners[-1].session.dialog is not None:
            call_id, tag = self.owners[-1].session.dialog.call_id, self.owners[-1].session.dialog.local_tag
        to_tag = {"right": tag, "wrong": "wrong", "none": ""}[to]
        text = raw_request(method, number, to_tag, from_tag, via, call_id, "\n".join(headers), body)
        self.peer.say(text.replace(b"branch=z9hG4bK", b"branch="), self.phone)

    def response(self, status: int, back: int, tag: str, headers: list[str], body: bytes) -> None:
        asked = [message for message in self.peer.received if isinstance(message, Request) and message.method != "ACK"]
        if len(asked) > back:
            response = asked[-1 - back].respond(status, to_tag=tag)
            response.headers["Contact"] = ["<sip:b@192.0.2.1>"]
            for header in headers:
                for line in header.split("\n"):
                    name, _, value = line.partition(": ")
                    if name:
                        response.headers[name] = [value]
            if body:
                response.headers.setdefault("Content-Type", ["application/sdp"])
            response.body = body
            self.peer.say(response, self.phone)

    def own(self, which: int, what: str) -> None:
        """Something that an owner does, sensible or not at this moment."""
        if what == "call":
            self.owners.append(self.phone.call(self.peer, OFFER if which else b""))
            return
        if len(self.owners) <= which:
            return
        owner = self.owners[-1 - which]
        session: Any = owner.session
        incoming, up = hasattr(session, "answer"), session.state is SessionState.CONFIRMED
        if what in ("accept", "refuse") and owner.offers:
            offer = owner.offers[-1]
            offer.accept(ANSWER) if what == "accept" else offer.reject(488)
        elif what == "transfer" and owner.refers:
            owner.refers[-1].accept()
        elif what == "notify" and owner.refers:
            owner.refers[-1].notify(180 if which else 200)
        elif what == "info" and owner.responds:
            owner.responds[-1](200)
        elif what == "bye":
            session.bye()
        elif what == "cancel" and not incoming:
            session.cancel("SIP;cause=200")
        elif what in ("change", "ask"):
            session.modifier.change(OTHER if what == "change" else b"", lambda status, sdp: None)
        elif what == "ack" and up:
            session.modifier.acknowledge(ANSWER)
            if not incoming and not session.is_acknowledged:
                session.ack(ANSWER)
        elif incoming and what in ("progress", "early"):
            session.progress(180, b"" if what == "progress" else ANSWER)
        elif incoming and what == "answer":
            session.answer(ANSWER)
        elif incoming and what == "reject":
            session.reject(486)

    def finish(self, program: list[Any]) -> None:
        owners: list[Owner] = self.owners
        for owner in owners:
            owner.session.bye()
        self.network.run(2 * EVERYTHING_OVER)
        self.assert_empty()
        self.assertEqual([str(failure) for failure in self.flushLoggedErrors()], [], program)
        for owner in owners:
            self.assertIs(owner.session.state, SessionState.ENDED)
            last = [n for n, name in enumerate(owner.names) if name in ("rejected", "cancelled", "ended")]
            self.assertIn(last, ([], [len(owner.names) - 1]), "heard after the end")

    @settings(max_examples=200)
    @given(starts, programs)
    def test_anything(self, start: list[Any], program: list[Any]) -> None:
        self.begin()
        for step in (*start, *program):
            if step[0] == "request":
                self.request(*step[1:])
            elif step[0] == "response":
                self.response(*step[1:])
            elif step[0] == "own":
                self.own(*step[1:])
            self.network.run(step[1] if step[0] == "wait" else 0.0)
        self.finish([*start, *program])
