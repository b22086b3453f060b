"""Many logins side by side, over real connections: who is right gets in, who guesses does not get more guesses."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from io import BytesIO
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlencode

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent, FileBodyProducer, readBody
from twisted.web.http_headers import Headers

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.settings import HttpSettings, RestSettings, Settings
from magroup.web.admission.throttle import SOON, WINDOW
from magroup.web.rest import Parts, RestServices, Turns
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.web.admission.kit import Kept, admission, basic, user

reactor: Any = _reactor
T = TypeVar("T")
LIMIT, BURST = 10, 30
USERS = (user("Raf", Privilege.REST_AUTHENTICATION),)
Login = Coroutine[Deferred[Any], Any, "Answer"]


class Gate:
    """Threads that do nothing until the gate opens."""

    def __init__(self) -> None:
        self._waiting: list[Deferred[None]] = []
        self._wanted: list[tuple[int, Deferred[None]]] = []
        self.is_open = False

    async def run(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        if not self.is_open:
            self._waiting.append(waiting := Deferred())
            for count, wanted in self._wanted:
                if count == len(self._waiting):
                    wanted.callback(None)
            await waiting
        return work(*arguments, **named)

    def has(self, count: int) -> "Deferred[None]":
        """Fires when so many wait."""
        wanted: Deferred[None] = Deferred()
        self._wanted.append((count, wanted))
        return wanted

    def open(self) -> None:
        self.is_open = True
        for waiting in self._waiting:
            waiting.callback(None)


class Answer(NamedTuple):
    """``wait`` is Retry-After, 0 without one."""

    code: int
    wait: int


class Bursts(TestCase):
    """Ten failures an hour are allowed; all requests come from one address."""

    timeout = 60

    def setUp(self) -> None:
        self.gate = Gate()
        settings = Settings(
            http=HttpSettings(failed_logins_per_hour=LIMIT), rest=RestSettings(loopback_without_login=False)
        )
        admitting = admission(Kept(Configuration(users=USERS)), reactor, settings, threads=self.gate)
        parts = Parts(*[cast(Any, None)] * 6, Turns(reactor))
        surroundings = Surroundings(
            settings.instance, "1", Status, Readiness(), reactor.seconds, admitting,
            RestServices(settings.instance, lambda: "", admitting, parts),
        )  # fmt: skip
        port = reactor.listenTCP(0, WebSite(surroundings).site(reactor), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        self.url = f"http://127.0.0.1:{port.getHost().port}"
        self.agent = Agent(reactor)
        self.early: list[Answer] = []
        self.all_early: Deferred[None] = Deferred()

    async def form(self, password: str) -> Answer:
        body = FileBodyProducer(BytesIO(urlencode({"user": "raf", "pwd": password}).encode()))
        kind = Headers({"Content-Type": ["application/x-www-form-urlencoded"]})
        return await self.asked("POST", "/LogonPage.asp", kind, body)

    async def basic(self, password: str) -> Answer:
        path = "/Applications/inbound/MAGroup/rest/services/getIntegrationURLs.asp"
        return await self.asked("GET", path, Headers({"Authorization": [basic("raf", password)]}))

    async def asked(self, method: str, path: str, headers: Headers, body: Any = None) -> Answer:
        response = await self.agent.request(method.encode(), (self.url + path).encode(), headers, body)
        await readBody(response)
        answer = Answer(response.code, int((response.headers.getRawHeaders("retry-after") or ["0"])[0]))
        if not self.gate.is_open:
            self.early.append(answer)
            if len(self.early) == BURST - LIMIT:
                self.all_early.callback(None)
        return answer

    def begin(self, logins: Iterable[Login]) -> "list[Deferred[Answer]]":
        return [Deferred.fromCoroutine(login) for login in logins]

    async def codes(self, begun: "list[Deferred[Answer]]") -> Counter[int]:
        """What they all got: as many as are allowed were looked at together, all others told to wait a moment."""
        await self.all_early
        self.assertEqual({answer.code for answer in self.early}, {429})
        self.assertTrue(all(0 < answer.wait <= SOON for answer in self.early), self.early)
        self.gate.open()
        return Counter(answer.code for answer in await gatherResults(begun, consumeErrors=True))

    async def all_right(self, login: Callable[[str], Login], code: int) -> None:
        begun = self.begin(login("secret") for _ in range(BURST))
        self.assertEqual(await self.codes(begun), {code: LIMIT, 429: BURST - LIMIT})
        self.assertEqual(await login("secret"), Answer(code, 0))

    async def all_wrong(self, login: Callable[[str], Login], code: int) -> None:
        begun = self.begin(login(f"guess {number}") for number in range(BURST))
        self.assertEqual(await self.codes(begun), {code: LIMIT, 429: BURST - LIMIT})
        for password in ("guess", "secret"):
            answer = await login(password)
            self.assertEqual(answer.code, 429)
            self.assertGreater(answer.wait, WINDOW - 120)

    async def test_right_by_the_form(self) -> None:
        await self.all_right(self.form, 302)

    async def test_right_by_basic(self) -> None:
        await self.all_right(self.basic, 200)

    async def test_wrong_by_the_form(self) -> None:
        await self.all_wrong(self.form, 403)

    async def test_wrong_by_basic(self) -> None:
        await self.all_wrong(self.basic, 401)

    async def test_right_among_wrong(self) -> None:
        """Who is right is no failure; the guesses beside are."""
        guessed = self.gate.has(LIMIT // 2)
        wrong = self.begin(self.form(f"guess {number}") for number in range(LIMIT // 2))
        await guessed
        right = self.begin(self.basic("secret") for _ in range(BURST - LIMIT // 2))
        expected = {403: LIMIT // 2, 200: LIMIT // 2, 429: BURST - LIMIT}
        self.assertEqual(await self.codes(wrong + right), expected)
        for number in range(LIMIT - LIMIT // 2):
            self.assertEqual(await self.form("secret"), Answer(302, 0))
            self.assertEqual((await self.form(f"more {number}")).code, 403)
        self.assertGreater((await self.form("secret")).wait, WINDOW - 120)
