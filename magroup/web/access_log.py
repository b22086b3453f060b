"""A line in the log for each request, and its numbers in the metrics; queries are left out, they may hold secrets."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from twisted.logger import Logger, LogLevel

from magroup.web.admission import Admission
from magroup.web.request import Request

LONGEST_PATH = 300
METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))
OTHER = "other"
FAMILIES = {
    "": "status",
    "logonpage.asp": "login",
    "logout": "login",
    "password": "login",
    "help": "help",
    "static": "static",
    "healthz": "probe",
    "readyz": "probe",
    "metrics": "probe",
    "api": "api",
}
EVENTS = "events"
"""Streams of the API, which take as long as somebody listens."""

"""Of the first part of a path."""

OF_APPLICATIONS = {"": "status", "rest": "rest", "src": "pages"}
"""Of the part after /Applications/inbound/INSTANCE/."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class AccessLog:
    """``answered`` takes each request. Probes are logged at level debug: they come every few seconds."""

    log = Logger()

    def __init__(self, admission: Admission, registry: CollectorRegistry) -> None:
        self._admission = admission
        # To look for a metric by its labels takes longer than to count.
        self._counted: dict[tuple[str, bytes, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "magroup_http_requests", "Requests answered.", ("family", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "magroup_http_request_seconds", "Time to answer.", ("family",), registry=registry, buckets=BUCKETS
        )

    def answered(self, request: Request, seconds: float) -> None:
        """``request`` was answered within ``seconds``."""
        kind = family(request.path)
        requests, durations = self._metrics(kind, request.method, request.code // 100)
        requests.inc()
        durations.observe(seconds)
        if self._admission.settings.http.access_log:
            self.log.emit(
                LogLevel.debug if kind == "probe" else LogLevel.info,
                "{method} {path} {code} {milliseconds} ms, {user} from {address}",
                method=request.method[:20].decode("ascii", "replace"),
                path=request.path[:LONGEST_PATH].decode("ascii", "replace"),
                code=request.code,
                milliseconds=round(seconds * 1000, 1),
                user=request.user_name or "-",
                address=self._admission.clients.of(request).address,
            )

    def _metrics(self, kind: str, method: bytes, hundreds: int) -> tuple[Counter, Histogram]:
        key = kind, method if method in METHODS else OTHER.encode(), hundreds
        if key not in self._counted:
            self._counted[key] = (
                self._requests.labels(kind, key[1].decode(), f"{hundreds}xx"), self._seconds.labels(kind),
            )  # fmt: skip
        return self._counted[key]


def family(path: bytes) -> str:
    """The kind of thing at ``path``: one of few words."""
    root, *parts = path.lower().split(b"/", 5)
    if root or not parts:
        return OTHER
    if parts[:2] == [b"applications", b"inbound"]:
        return OF_APPLICATIONS.get(parts[3].decode("ascii", "replace") if len(parts) > 3 else "", OTHER)
    if parts == [b"api", b"v1", b"events"]:
        return EVENTS
    return FAMILIES.get(parts[0].decode("ascii", "replace"), OTHER)
