"""A line in the log for each request, and its numbers in the metrics; queries are left out, they may hold secrets."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from twisted.logger import Logger, LogLevel

from magroup.web.admission import Admission
from magroup.web.request import Request

LONGEST_PATH = 300
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
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
        self._requests = Counter(
            "magroup_http_requests", "Requests answered.", ("family", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "magroup_http_request_seconds", "Time to answer.", ("family",), registry=registry, buckets=BUCKETS
        )

    def answered(self, request: Request, seconds: float) -> None:
        """``request`` was answered within ``seconds``."""
        kind = family(request.path)
        method = request.method.decode("ascii", "replace")
        counted = method if method in METHODS else OTHER
        self._requests.labels(kind, counted, f"{request.code // 100}xx").inc()
        self._seconds.labels(kind).observe(seconds)
        settings = self._admission.settings.http
        if settings.access_log:
            self.log.emit(
                LogLevel.debug if kind == "probe" else LogLevel.info,
                "{method} {path} {code} {milliseconds} ms, {user} from {address}",
                method=method[:20],
                path=request.path.decode("ascii", "replace")[:LONGEST_PATH],
                code=request.code,
                milliseconds=round(seconds * 1000, 1),
                user=request.user_name or "-",
                address=self._admission.clients.of(request).address,
            )


def family(path: bytes) -> str:
    """The kind of thing at ``path``: one of few words."""
    root, *parts = path.decode("ascii", "replace").lower().split("/")
    if root or not parts:
        return OTHER
    if parts[:2] == ["applications", "inbound"]:
        return OF_APPLICATIONS.get(parts[3] if len(parts) > 3 else "", OTHER)
    if parts == ["api", "v1", "events"]:
        return EVENTS
    return FAMILIES.get(parts[0], OTHER)
