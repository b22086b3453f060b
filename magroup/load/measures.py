"""What is measured during a load: counts, values in histograms, and reasons why something failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct

from magroup.load.histogram import Histogram

MOST_REASONS = 100
LONGEST_REASON = 160


@dataclass(frozen=True)
class Value:
    """One measured value: how it is called in reports, in which unit, and what it is."""

    title: str
    unit: str
    what: str


VALUES = {
    "register_time": Value("REGISTER", "ms", "REGISTER with its challenge, from the first request to the 200"),
    "post_dial_delay": Value("post-dial delay", "ms", "at the caller: from INVITE to the first 18x, or to the 200"),
    "ring_delay": Value("ring delay", "ms", "from INVITE at the caller to INVITE at the first phone that rings"),
    "answer_delay": Value("answer delay", "ms", "at the caller: from INVITE to the 200"),
    "answer_to_audio": Value("answer to audio", "ms", "at the caller: from the 200 to the next packet of sound"),
    "phone_audio": Value("answer to audio, phone", "ms", "at the phone: from answering to the first packet of sound"),
    "hang_up_time": Value("BYE", "ms", "from BYE to its answer"),
    "hold_time": Value("hold", "ms", "from the re-INVITE that holds or retrieves to its answer"),
    "transfer_time": Value("transfer", "ms", "from REFER to the news that the other end has answered"),
    "rtp_loss": Value("RTP loss", "%", "packets that did not arrive, of each stream"),
    "rtp_jitter": Value("RTP jitter", "ms", "interarrival jitter (RFC 3550) of each stream at its end"),
    "rtp_gap": Value("RTP gap", "ms", "the longest time between two packets of each stream, holding left out"),
    "presence_time": Value("presence", "ms", "from a change of presence by REST to its answer"),
    "rest_time": Value("REST", "ms", "from a request to the end of its answer"),
    "gadget_login": Value("gadget opened", "ms", "login, socket and the first picture of the group"),
    "gadget_delay": Value("gadget told", "ms", "from INVITE at the first phone that rings to the gadget that shows it"),
    "page_time": Value("phone page", "ms", "from asking for a page of a Cisco IP phone until it is shown"),
    "lateness": Value("load tool late", "ms", "how late the load tool itself came to do what was due"),
}
"""By the name that limits have; those in ms are recorded in seconds, those in % as shares."""

COUNTS = {
    "calls_offered": "calls that were made",
    "calls_answered": "of these, answered",
    "calls_served": "of these, ended as the scenario expects",
    "calls_failed": "of these, ended in another way, or were not heard",
    "calls_cut": "of these, cut off unanswered when the load ended",
    "calls_not_made": "calls that were due when no caller was free",
    "phone_rings": "calls that came to phones",
    "phone_answers": "of these, answered there",
    "repeated": "SIP messages that were sent once more, since no answer came in time",
    "registrations": "REGISTERs that were accepted",
    "registrations_failed": "REGISTERs that were not",
    "holds": "holds and retrievals",
    "holds_failed": "holds and retrievals that were refused",
    "transfers": "transfers",
    "transfers_failed": "transfers that failed",
    "consultations": "calls to ask before a transfer that were answered",
    "digits_sent": "digits that were dialled in calls",
    "digits_failed": "digits that could not be dialled",
    "digits_right": "calls that brought the digits that they should",
    "digits_wrong": "calls that brought others, or not all",
    "rtp_packets": "packets of sound that came",
    "rtp_lost": "packets of sound that did not come",
    "rtp_misordered": "packets of sound that came after a later one",
    "rtp_refused": "encrypted packets of sound that were not authentic, or came again",
    "rtp_streams": "streams that were listened to",
    "rtp_silent": "streams of answered calls without a packet",
    "rtp_no_sound": "streams with packets that were all silence",
    "presence_changes": "changes of presence",
    "presence_failed": "changes of presence that were refused",
    "rest_requests": "REST requests",
    "rest_failed": "REST requests that failed",
    "gadgets_opened": "gadgets that were opened",
    "gadgets_failed": "gadgets that were refused or lost",
    "gadget_updates": "messages that gadgets got",
    "pages": "pages that Cisco IP phones showed",
    "pages_failed": "pages that Cisco IP phones refused",
}

GAUGES = {
    "calls_up": "calls at the moment",
    "phones_registered": "phones registered",
    "gadgets_open": "gadgets open",
}


class Sparse(Struct, frozen=True):
    """A histogram on its way to another process."""

    counts: dict[int, int]
    total: float
    low: float
    high: float


class Delta(Struct, frozen=True):
    """What was measured since the last time."""

    counts: dict[str, int]
    values: dict[str, Sparse]
    reasons: dict[str, dict[str, int]]


class Measures:
    """Collects. ``reasons`` is by kind (calls, registrations ...), then by reason, at most 100 of a kind."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.values: dict[str, Histogram] = {}
        self.reasons: dict[str, dict[str, int]] = {}

    def count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more

    def record(self, name: str, value: float) -> None:
        """Seconds, or a share."""
        found = self.values.get(name)
        if found is None:
            found = self.values[name] = Histogram()
        found.record(value)

    def reason(self, kind: str, text: str, more: int = 1) -> None:
        """Why something of a kind failed."""
        known = self.reasons.setdefault(kind, {})
        text = "".join(char if char.isprintable() else "?" for char in text[:LONGEST_REASON])
        if text not in known and len(known) >= MOST_REASONS:
            text = "other reasons"
        known[text] = known.get(text, 0) + more

    def take(self) -> Delta:
        """What was collected, which is forgotten here."""
        values = {name: Sparse(one.counts, one.total, one.low, one.high) for name, one in self.values.items()}
        delta = Delta(self.counts, values, self.reasons)
        self.counts, self.values, self.reasons = {}, {}, {}
        return delta

    def add(self, delta: Delta) -> None:
        """What another has collected."""
        for name, more in delta.counts.items():
            self.count(name, more)
        for name, sparse in delta.values.items():
            self.values.setdefault(name, Histogram()).merge(sparse.counts, sparse.total, sparse.low, sparse.high)
        for kind, reasons in delta.reasons.items():
            for text, more in reasons.items():
                self.reason(kind, text, more)

    def number(self, name: str) -> int:
        return self.counts.get(name, 0)


def scaled(name: str, value: float) -> float:
    """A recorded value in the unit of its reports: ms or %."""
    return value * (100 if VALUES[name].unit == "%" else 1000)


def share(part: int, whole: int) -> float:
    """In %, 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """What is derived from counts, in %."""
    get = counts.get
    lost, came = get("rtp_lost", 0), get("rtp_packets", 0)
    return {
        "calls_failed_share": share(get("calls_failed", 0), get("calls_offered", 0)),
        "registrations_failed_share": share(
            get("registrations_failed", 0), get("registrations", 0) + get("registrations_failed", 0)
        ),
        "rtp_lost_share": share(max(lost, 0), max(lost, 0) + came),
    }  # fmt: skip
