"""The bus between nodes: what is no message of it is left out, calls are read as they were told, and it goes on."""

from contextlib import suppress
from typing import Any

from magroup.cluster import asking, call_form, others_calls, post, shared, wire
from magroup.cluster.asking import Asking
from magroup.cluster.call_form import EVENT, call_of, event_form, event_from
from magroup.cluster.call_form import call_form as form_of
from magroup.cluster.memory import MemoryBus
from magroup.cluster.others_calls import OthersCalls
from magroup.cluster.shared import Shared
from magroup.cluster.wire import read, written
from magroup.cti.events import Delivered, Event, Transferred
from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState, Party
from tests.cluster.kit import Bench
from tests.fuzz.target import Target, hold, same
from tests.fuzz.targets.program import SEPARATOR, program, steps

_TOPICS = ("state", "state?", "call", "calls", "ask", "answer", "beat", "goodbye", "calls?")


def _call(id: str = "a-1") -> Call:
    caller = Connection(ConnectionId(id, "1201"), ConnectionState.CONNECTED, Party("1201"), False, 1.0)
    rung = Connection(ConnectionId(id, "1047"), ConnectionState.ALERTING, Party("1047", "B", True), True, 2.5)
    return Call(id, Party("1201", "Ara"), Party("8973"), 1.0, (caller, rung))


def _check(data: bytes) -> None:
    """A step is what goes over the bus, with its head; one without ``\\n`` is only read."""
    for step in steps(data):
        if isinstance(step, bytes):
            _form(step)
    _bus(data)


def _form(data: bytes) -> None:
    _, _, body = data.rpartition(b"\n")
    found: Any = None
    with suppress(ValueError):
        found = read(body, list[Any])
    for one in found or ():
        if isinstance(one, list) and len(one) > 1:
            _told(one)


def _told(found: list[Any]) -> None:
    with suppress(ValueError):
        call = call_of(found[1], None)
        same(call_of(read(written(form_of(call)), list[Any]), call), call, "call")
        event = event_from(wire.of_kind(found[0], EVENT), call, None)
        same(event_from(wire.of_kind(read(written(event_form(event)), list[Any]), EVENT), call, None), event, "event")


def _bus(data: bytes) -> None:
    bench = Bench()
    a, b = bench.ends("a", "b")
    others, known, asks = OthersCalls(b, bench.clock), Shared(b, bench.clock), Asking(b, bench.clock)
    heard: list[Event] = []
    told: list[tuple[str, Any]] = []
    others.monitor_start(heard.append)
    known.kind("thing", lambda key, value, node: told.append((key, value)))
    a.start()
    b.start()
    bench.run(0.1)
    for step in steps(data):
        if isinstance(step, int):
            bench.run(step / 10)
        else:
            b._take(step)
    bench.run(0.1)
    _goes_on(bench, a, others, told)
    hold(len(b.nodes) <= post.MOST_NODES, "nodes")
    hold(not len(asks), "questions")


def _goes_on(bench: Bench, a: MemoryBus, others: OthersCalls, told: list[tuple[str, Any]]) -> None:
    """What the other node says from now on is heard, though not what somebody has said in its name with higher number"
    "s."""
    a._number, a._life = 10**30, "anew"
    fresh = _call("a-fresh")
    a.send("call", written([[event_form(Delivered(fresh, None, "1047", 3.0)), form_of(fresh), [None, {"1047": []}]]]))
    a.send("state", written([["thing", "key", 1e12, "value"]]))
    bench.run(0.1)
    hold(fresh in others.calls(), "a call is not heard of", others.calls())
    hold(("key", "value") in told, "a thing is not heard of", told)


def _message(topic: str, *body: Any, number: int = 5) -> bytes:
    return f"a firsta {number} {topic}\n".encode() + written(list(body))


_EVENT = Delivered(_call(), None, "1047", 2.0)
_MOVED = Transferred(_call(), _call(), "1047", 2.0, transferred_to=Party("1"), other_call_id="a-2")
SEEDS = (
    program(_message("call", [event_form(_EVENT), form_of(_call()), [None, {"1047": ["answerCall"]}]])),
    program(
        _message("call", *([event_form(one), form_of(_call()), [None, {}]] for one in (_EVENT, _MOVED))),
        _message("call", [None, form_of(_call()), [None, {"1": []}]], number=6),
    ),
    program(
        _message("calls", True, False, [[form_of(_call()), [None, {}]]]), _message("calls", False, True, [], number=6)
    ),
    program(_message("state", ["thing", "k", 1.5, {"a": [1, "x", None]}], ["thing", "k", 2, None])),
    program(_message("state?"), b"a firsta 9 goodbye\n"),
    program(
        _message("ask", "b", 1, "answerCall", ["a-1", "1047"]),
        _message("answer", "b", 1, None, "", "", False, number=7),
    ),
    b"c other 1 beat\n",
    b"b namesake 1 beat\n",
    program(b"a again 1 beat\n", 5, b"a firsta 99 state?\nb", 200),
)
TOKENS = (
    *(f" {topic}\n".encode() for topic in _TOPICS), b"a firsta 7 ", b"a firsta 999 ", b"b firstb 3 ", b"c x 1 ",
    b"null", b"true", b"[]", b"{}", b'""', b"1e308", b"[[",
    b"]]", b'"Offered"', b'"Failed"', b'"Diverted"', b'"Transferred"', b'"CallCleared"', b'"normal"', b'"busy"',
    b'"alerting"', b'"connected"', b'"a-1"', b'"a-2"',
    b'["1","",false]', b'\\ud800', b"\\u0000", SEPARATOR, b'"listed"', b'"answerCall"', SEPARATOR + b"+30" + SEPARATOR,
)  # fmt: skip
TARGET = Target("cluster", _check, (wire, call_form, post, shared, others_calls, asking), SEEDS, TOKENS, 12 << 10,
fresh=250, seconds=0.5,
    refusals=(ValueError,),
)  # fmt: skip
