"""What a load is made of: the tables of a scenario file, every setting with its meaning and its limits."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

LONGEST_RUN = 86_400.0


def _about(what: str, **limits: Any) -> Meta:
    return Meta(description=what, **limits)


Text = Annotated[str, Meta(max_length=400)]
Seconds = Annotated[float, Meta(ge=0, le=LONGEST_RUN)]
Share = Annotated[float, Meta(ge=0, le=1)]
Span = Seconds | list[Seconds]
"""Seconds: always the same, or from the first to the second by chance.

A tuple would say it better, but msgspec 0.22 crashes on a union of one with a number that has limits.
"""
Numbers = Text | Annotated[list[Text], Meta(max_length=1000)]
"""``1000-1999``, or a list of such ranges and single ones."""
Answer = Literal["answer", "busy", "decline", "ring", "redirect", "absent"]
Outcome = Literal["answered", "ended", "busy", "declined", "redirected", "unavailable", "gave up", "refused"]


class Table(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What all tables are."""


class Server(Table, frozen=True):
    """The server that is loaded."""

    sip: Annotated[Text, _about("where its SIP is: sip:HOST:PORT, with ;transport=tcp or tls where it is not UDP; "
                                "--against goes before it")] = "sip:127.0.0.1:5060"  # fmt: skip
    domain: Annotated[Text, _about("its domain in addresses, if it is not the host")] = ""
    web: Annotated[Text, _about("where its web pages are, as http://127.0.0.1:8080; for gadgets, REST, phone pages "
                                "and /metrics")] = ""  # fmt: skip
    instance: Annotated[Text, _about("its instance, a part of paths")] = "MAGroup"
    pid: Annotated[int, _about("its process, where it is on this machine: CPU and memory are read from the system, "
                               "else from /metrics; 0: not known", ge=0, le=2**31)] = 0  # fmt: skip
    answers_within: Annotated[float, _about("seconds in which it must answer OPTIONS before anything is done",
                                            ge=0.1, le=60)] = 5.0  # fmt: skip
    tls_verify: Annotated[bool, _about("whether its certificates are checked, of SIP and of the web")] = True
    tls_authorities: Annotated[Text, _about("PEM file of authorities for SIP over TLS; empty: the system's")] = ""


class Run(Table, frozen=True):
    """How long and with how much help."""

    seconds: Annotated[float, _about("for how long calls are made", ge=0.1, le=LONGEST_RUN)] = 60.0
    ramp: Annotated[Seconds, _about("seconds in which rate or concurrency grow from nothing to what is asked")] = 0.0
    drain: Annotated[Seconds, _about("seconds that calls may go on after that before they are hung up")] = 30.0
    workers: Annotated[int, _about("processes; 0: one for each processor; --workers goes before it", ge=0, le=64)] = 0
    seed: Annotated[int, _about("chance is the same in every run with the same seed and number of workers", ge=0,
                                le=2**53)] = 1  # fmt: skip


class Network(Table, frozen=True):
    """This side's addresses."""

    addresses: Annotated[list[Text], _about("own addresses, used in turn; none: the one that leads to the server",
                                            max_length=256)] = field(default_factory=list)  # fmt: skip
    sip_port: Annotated[int, _about("own port of the shared socket at the first address, for servers that send calls "
                                    "there; further workers have the next ones; 0: any", ge=0, le=65_000)] = (
        0
    )  # fmt: skip
    sockets: Annotated[Literal["auto", "each", "shared"], _about(
        "each: a socket for each phone and caller; shared: one for each worker and address; auto: shared for UDP, "
        "each for TCP and TLS")] = "auto"  # fmt: skip
    rtp_ports: Annotated[Text, _about("UDP ports for sound, shared out among the workers")] = "20000-59999"
    other_hosts: Annotated[list[Text], _about("addresses beside the server's and the own ones that SIP and "
                                              "sound may go to", max_length=256)] = field(
        default_factory=list)  # fmt: skip


class Media(Table, frozen=True):
    """Sound."""

    rtp: Annotated[Literal["both", "receive", "none"], _about(
        "both: sent and checked; receive: checked, nothing is sent; none: calls without sound")] = "both"
    codecs: Annotated[list[Literal["PCMU", "PCMA", "G722"]], _about("codecs, the best one first", min_length=1,
                                                                    max_length=3)] = field(
        default_factory=lambda: ["PCMU"])  # fmt: skip
    srtp: Annotated[bool, _about("whether callers and phones offer and take encrypted sound only (RTP/SAVP, the keys "
                                 "in the session description)")] = False  # fmt: skip
    must_hear: Annotated[bool, _about("whether an answered call in which the caller hears no sound has failed")] = True


class Holding(Table, frozen=True):
    """Holding a call and taking it back; for callers and phones."""

    share: Annotated[Share, _about("in which share of the answered calls")] = 1.0
    after: Annotated[Span, _about("seconds after the answer")] = 1.0
    seconds: Annotated[Span, _about("for how long")] = 2.0


class Transfer(Table, frozen=True):
    """Sending the other end somewhere else (REFER) and hanging up when it is there; for callers and phones."""

    to: Annotated[Numbers, _about("the numbers, one by chance")]
    share: Annotated[Share, _about("in which share of the answered calls")] = 1.0
    after: Annotated[Span, _about("seconds after the answer")] = 1.0
    attended: Annotated[Share, _about("in which share of the transfers the call is held and the number called first; "
                                      "the two are connected when it has answered (REFER with Replaces)")] = (
        0.0
    )  # fmt: skip
    consult: Annotated[Span, _about("seconds from that answer until they are connected")] = 1.0


class Digits(Table, frozen=True):
    """Keys that are pressed in a call (DTMF), and those that the other end presses; for callers and phones."""

    send: Annotated[Text, _about("keys (0-9 * # A-D), as a PIN; a comma is a second of waiting, {number} becomes the "
                                 "own number, {other} that of the other end")] = ""  # fmt: skip
    share: Annotated[Share, _about("in which share of the answered calls they are pressed")] = 1.0
    after: Annotated[Span, _about("seconds after the answer")] = 1.0
    by: Annotated[Literal["rtp", "info"], _about("rtp: telephone events (RFC 4733); info: INFO with "
                                                 "application/dtmf-relay")] = "rtp"  # fmt: skip
    hear: Annotated[Text, _about("keys that must have come when an answered call ends; {number} and {other} as in "
                                 "send; empty: any")] = ""  # fmt: skip


class Phones(Table, frozen=True):
    """Virtual phones: registered lines that are called."""

    numbers: Annotated[Numbers, _about("their lines: \"1000-1999\", or a list of such ranges and single numbers")]
    secret: Annotated[Text, _about("the password; {number} becomes the line's number")] = ""
    login: Annotated[Text, _about("the user name of the digest")] = "{number}"
    register: Annotated[bool, _about("whether they register")] = True
    expires: Annotated[int, _about("seconds that they register for", ge=10, le=86_400)] = 600
    again: Annotated[Seconds, _about("seconds after which they register again; 0: at four fifths of what was "
                                     "granted")] = 0.0  # fmt: skip
    register_rate: Annotated[float, _about("how many of them begin to register in a second", gt=0, le=100_000)] = 100.0
    answer: Annotated[Answer | dict[Answer, Annotated[float, Meta(ge=0, le=1e6)]], _about(
        "what they do when they are called: answer, busy (486), decline (603), ring (for ever), redirect (302), absent "
        "(480); several with their weights: { answer = 9, busy = 1 }")] = "answer"  # fmt: skip
    after: Annotated[Span, _about("seconds from ringing to the answer, or to the redirection")] = 2.0
    redirect_to: Annotated[Text, _about("the number that calls are redirected to")] = ""
    calls: Annotated[int, _about("calls at a time that a phone takes; further ones find it busy", ge=1, le=100)] = 1
    talk: Annotated[Span | None, _about("seconds after which the phone hangs up; left out: never")] = None
    hold: Annotated[Holding | None, _about("hold calls")] = None
    transfer: Annotated[Transfer | None, _about("transfer calls")] = None
    digits: Annotated[Digits | None, _about("press keys, and listen for those of the other end")] = None


class Callers(Table, frozen=True):
    """Virtual callers."""

    numbers: Annotated[Numbers, _about("their own numbers; each has one call at a time")]
    dial: Annotated[Numbers, _about("what they dial")]
    order: Annotated[Literal["turn", "random"], _about("turn: one number after the other; random: one by chance")] = (
        "turn"
    )
    rate: Annotated[float, _about("calls in a second", ge=0, le=10_000)] = 0.0
    concurrent: Annotated[int, _about("calls at a time, instead of a rate", ge=0, le=100_000)] = 0
    arrival: Annotated[Literal["random", "even"], _about(
        "random: as people call, independent of each other (Poisson); even: at the same distance")] = "random"
    secret: Annotated[Text, _about("the password; {number} becomes the caller's number")] = ""
    login: Annotated[Text, _about("the user name of the digest")] = "{number}"
    register: Annotated[bool, _about("whether they register")] = False
    talk: Annotated[Span, _about("seconds from the answer until the caller hangs up")] = field(
        default_factory=lambda: [5.0, 15.0]
    )
    patience: Annotated[Span, _about("seconds until the caller gives up unanswered")] = 60.0
    pause: Annotated[Span, _about("seconds between two calls of the same caller")] = 0.5
    hold: Annotated[Holding | None, _about("hold calls")] = None
    transfer: Annotated[Transfer | None, _about("transfer calls")] = None
    digits: Annotated[Digits | None, _about("press keys, and listen for those of the other end")] = None
    expect: Annotated[list[Outcome], _about(
        "how calls may end without having failed: answered, ended (the other end hung up), busy, declined, redirected, "
        "unavailable (480), gave up, refused", min_length=1, max_length=8)] = field(
        default_factory=lambda: ["answered"])  # fmt: skip


class Presence(Table, frozen=True):
    """Users whose presence changes, by the REST service setPresence."""

    users: Annotated[Numbers, _about("their names: \"user1-user20\", or a list")]
    rate: Annotated[float, _about("changes in a second", gt=0, le=10_000)] = 1.0
    states: Annotated[list[Literal["available", "away", "busy", "dnd"]], _about("one of these by chance", min_length=1,
                                                                                 max_length=4)] = field(
        default_factory=lambda: ["available", "away"])  # fmt: skip
    user: Annotated[Text, _about("who asks; empty: nobody, as this machine itself may")] = ""
    password: Annotated[Text, _about("the password")] = ""


class Rest(Table, frozen=True):
    """A client of REST services, or of any page."""

    path: Annotated[Text, _about("below web: /Applications/inbound/MAGroup/rest/groups/getGroups; {number} is one of "
                                 "numbers")]  # fmt: skip
    rate: Annotated[float, _about("requests in a second", gt=0, le=10_000)] = 1.0
    method: Annotated[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], _about("the method")] = "GET"
    body: Annotated[Annotated[str, Meta(max_length=65_536)], _about("what is sent; {number} as in path")] = ""
    content_type: Annotated[Text, _about("the type of the body")] = "application/x-www-form-urlencoded"
    numbers: Annotated[Numbers, _about("what may stand for {number}, one by chance")] = field(default_factory=list)
    user: Annotated[Text, _about("user name for Basic; empty: none")] = ""
    password: Annotated[Text, _about("the password")] = ""
    token: Annotated[Text, _about("a token of the API instead")] = ""
    contains: Annotated[Text, _about("what a good answer contains; empty: any answer of 200 to 299")] = ""


class Gadgets(Table, frozen=True):
    """Gadgets: logged in, with a WebSocket that shows a group."""

    users: Annotated[Numbers, _about("names of users, one gadget for each")]
    password: Annotated[Text, _about("the password; {number} becomes the user's name")]
    group: Annotated[int, _about("id of the group; 0: the first one that the user sees", ge=0, le=2**31)] = 0
    open_rate: Annotated[float, _about("how many log in in a second", gt=0, le=1000)] = 5.0


class CiscoPhones(Table, frozen=True):
    """Simulated Cisco IP phones that ask for a page again and again."""

    devices: Annotated[Numbers, _about("their names, as SEP000000000001-SEP000000000020")]
    path: Annotated[Text, _about("below web; #DEVICENAME# becomes the name")]
    every: Annotated[Span, _about("seconds from one page to the next")] = 10.0
    model: Annotated[Text, _about("the model, as python -m magroup phone knows them")] = "8845"


class Group(Table, frozen=True):
    """A group with a manager number, for --company only: the tool itself does not need to know it."""

    number: Annotated[Text, _about("the manager number")]
    members: Annotated[Numbers, _about("the members' lines, the manager's first")]
    options: Annotated[dict[str, str | int | bool | list[str]], _about("more of a group in a company file, as "
                                                                       "manager_timeout = 10")] = field(
        default_factory=dict)  # fmt: skip


class Mailboxes(Table, frozen=True):
    """Mailboxes of lines, for --company only: the voicemail itself is a setting of the server."""

    lines: Annotated[Numbers, _about("the lines whose users have one")]
    number: Annotated[Text, _about("the mailbox; {number} becomes the line's number")] = "{number}"
    pin: Annotated[Text, _about("its PIN; {number} as there; empty: none")] = ""


Bounds = dict[str, float | dict[str, float]]


class Scenario(Table, frozen=True):
    """A scenario file."""

    name: Annotated[Text, _about("for the report")] = ""
    server: Server = field(default_factory=Server)
    run: Run = field(default_factory=Run)
    network: Network = field(default_factory=Network)
    media: Media = field(default_factory=Media)
    phones: Annotated[list[Phones], Meta(max_length=100)] = field(default_factory=list)
    callers: Annotated[list[Callers], Meta(max_length=100)] = field(default_factory=list)
    presence: Annotated[list[Presence], Meta(max_length=100)] = field(default_factory=list)
    rest: Annotated[list[Rest], Meta(max_length=100)] = field(default_factory=list)
    gadgets: Annotated[list[Gadgets], Meta(max_length=100)] = field(default_factory=list)
    cisco_phones: Annotated[list[CiscoPhones], Meta(max_length=100)] = field(default_factory=list)
    groups: Annotated[list[Group], Meta(max_length=1000)] = field(default_factory=list)
    mailboxes: Annotated[list[Mailboxes], Meta(max_length=100)] = field(default_factory=list)
    most: Annotated[Bounds, _about("limits that must not be passed: calls_failed = 0, post_dial_delay.p95 = 100")] = (
        field(default_factory=dict)
    )
    least: Annotated[Bounds, _about("limits that must be reached: calls_served = 1000")] = field(default_factory=dict)
