"""Phones of the bench that watch lamps: subscriptions by hand, and what they were told."""

from typing import Any

from lxml import etree

from magroup.events import Events
from magroup.groups.application import Application
from magroup.groups.forwarding import ForwardingBook
from magroup.groups.member_states import MemberStates
from magroup.groups.presence import PresenceBook
from magroup.model.messages import NO_MESSAGES, MessagesWaiting
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.message import Request, Response
from tests.switch.bench import SWITCH, Bench, BenchTest, Phone

DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"


class Records:
    """A journal that keeps nothing."""

    def begin(self, *call: object) -> None: ...

    def finish(self, *call: object) -> None: ...


class Watch:
    """A subscription of a phone; ``told`` are the NOTIFYs."""

    def __init__(self, phone: Phone, event: str, number: str, headers: dict[str, str] | None = None) -> None:
        self.phone = phone
        self.event = event
        self.number = number
        self.answer: Response | None = None
        self.told: list[Request] = []
        self._call_id = phone.bench.token()
        self._sequence = 0
        self._headers = headers or {}
        phone.endpoint.dialogs[self._call_id, "w"] = self

    @property
    def status(self) -> int:
        return self.answer.status if self.answer else 0

    def ask(self, expires: int = 600, refused: tuple[Request, Response] | None = None) -> "Watch":
        """Subscribe, refresh, or unsubscribe with 0."""
        self._sequence += 1
        to = f"<sip:{self.number}@127.0.0.1>"
        if self.answer is not None and self.answer.status < 300:
            to = self.answer.get("To")
        request = Request("SUBSCRIBE", f"sip:{self.number}@127.0.0.1", {
            "Max-Forwards": ["70"], "From": [f"<sip:{self.phone.number}@127.0.0.1>;tag=w"], "To": [to],
            "Call-ID": [self._call_id], "CSeq": [f"{self._sequence} SUBSCRIBE"], "Event": [self.event],
            "Contact": [f"<sip:{self.phone.number}@{self.phone.host}>"], "Expires": [str(expires)],
            **{name: [value] for name, value in self._headers.items()},
        })  # fmt: skip
        if refused is not None:
            request.headers.update(self.phone._answers.answer(refused[1], refused[0]))

        def heard(response: Response) -> None:
            if response.status == 401 and refused is None:
                self.ask(expires, (request, response))
            else:
                self.answer = response

        self.phone.layer.request(request, SWITCH, heard)
        self.phone.bench.run()
        return self

    def receive(self, transaction: Any, request: Request, hop: object) -> None:
        self.told.append(request)
        transaction.respond(request.respond(200))

    def acknowledge(self, request: Request) -> None: ...

    @property
    def last(self) -> Request:
        return self.told[-1]

    def lamps(self) -> list[str]:
        """The documents in short: ``recipient early 1175``, several in one with a comma."""
        return [_short(request.body) for request in self.told if request.body]


def _short(body: bytes) -> str:
    root = etree.fromstring(body)
    dialogs = []
    for dialog in root.iter(f"{DIALOG}dialog"):
        identity = dialog.find(f"{DIALOG}remote/{DIALOG}identity")
        other = identity.text.partition(":")[2].partition("@")[0] if identity is not None else ""
        held = dialog.find(f"{DIALOG}local/{DIALOG}target/{DIALOG}param[@pval='no']") is not None
        words = (dialog.get("direction"), dialog.findtext(f"{DIALOG}state"), "held" if held else "", other)
        dialogs.append(" ".join(filter(None, words)))
    return ", ".join(dialogs)


class WatchBench(Bench):
    """The bench with groups, presence and what can be watched."""

    def start(self) -> None:
        super().start()
        self.book = PresenceBook(self.clock, lambda name, state: None)
        self.waiting: dict[str, MessagesWaiting] = {}
        forwarding = ForwardingBook(self.clock, self.configuration, lambda *change: None, lambda *change: None)
        self.application = Application(
            self.switch, self.clock, self.book, forwarding, Records(), self.configuration
        )  # fmt: skip
        self.application.start()
        states = MemberStates(self.switch, self.application)
        states.start()
        self.watching = Events(
            self.telephony, self.switch, self.application, self.book, lambda: self.configuration,
            lambda number: self.waiting.get(number, NO_MESSAGES), "magroup", states,
        )  # fmt: skip
        self.watching.start()

    def configure(self, configuration: Any) -> None:
        old, self.configuration = self.configuration, configuration
        self.telephony.configure(old, configuration)
        self.application.configure(configuration)
        self.watching.configure(configuration)
        self.run()


class WatchTest(BenchTest):
    """After each test all subscriptions are ended, and nothing is left of them."""

    def setUp(self) -> None:
        self.bench: WatchBench = WatchBench(self.configuration, self.settings)
        self.watches: list[Watch] = []

    def tearDown(self) -> None:
        for watch in self.watches:
            if watch.status == 200:
                watch.ask(0)
        super().tearDown()
        self.assertEqual((len(self.bench.telephony.notifier), len(self.bench.watching._lamps)), (0, 0))
        self.assertEqual(self.bench.watching._lamps._calls, {})

    def watch(self, phone: Phone, event: str, number: str, **headers: str) -> Watch:
        watch = Watch(phone, event, number, headers)
        self.watches.append(watch)
        return watch.ask()

    def publish(self, phone: Phone, body: bytes, tag: str = "", expires: int = 600, number: str = "") -> Response:
        """PUBLISH presence, with credentials."""
        answers: list[Response] = []
        credentials = Answers(Credentials(phone.number, "secret"))
        number = number or phone.number

        def send(refused: tuple[Request, Response] | None = None) -> None:
            request = Request("PUBLISH", f"sip:{number}@127.0.0.1", {
                "Max-Forwards": ["70"], "From": [f"<sip:{phone.number}@127.0.0.1>;tag=p"],
                "To": [f"<sip:{number}@127.0.0.1>"], "Call-ID": [self.bench.token()], "CSeq": ["1 PUBLISH"],
                "Event": ["presence"], "Expires": [str(expires)], **({"SIP-If-Match": [tag]} if tag else {}),
                **({"Content-Type": ["application/pidf+xml"]} if body else {}),
            }, body)  # fmt: skip
            if refused is not None:
                request.headers.update(credentials.answer(refused[1], refused[0]))

            def heard(response: Response) -> None:
                if response.status == 401 and refused is None:
                    send((request, response))
                else:
                    answers.append(response)

            phone.layer.request(request, SWITCH, heard)

        send()
        self.bench.run()
        return answers[-1]
