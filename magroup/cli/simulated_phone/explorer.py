"""Every page there is from an entry URL: all items, softkeys and inputs, and what a phone refuses of them."""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from magroup.cli.simulated_phone.exchange import Request
from magroup.cli.simulated_phone.fetching import Fetched
from magroup.cli.simulated_phone.handset import Handset, submission
from magroup.cli.simulated_phone.keypad import LONGEST, can_type
from magroup.cli.simulated_phone.pages import Field, Page, SoftKey
from magroup.cli.simulated_phone.refusal import Refusal
from magroup.cli.simulated_phone.uris import split, with_device
from magroup.cli.simulated_phone.ways import led_by_item, led_by_softkey, softkeys_of

MOST_PAGES = 2000
DEEPEST = 30
_GOOD = {"T": "4711", "N": "12", "E": "1+1", "A": "Abc", "U": "ABC", "L": "abc"}
BAD = ("", "#", "*" * LONGEST, "9" * LONGEST, "0", "#*#*", "<&\"'>", "%00", "x" * LONGEST, "Ä€", " ")


@dataclass
class Visit:
    """A page that was asked for: ``page`` or ``refusal``. ``effects`` are URIs on it that lead to no page.

    ``ways`` are the pages behind it by what was done; None for one that was asked for elsewhere or is not followed.
    """

    request: Request
    depth: int
    page: Page | None = None
    refusal: Refusal | None = None
    effects: list[tuple[str, str]] = field(default_factory=list)
    refused_ways: list[tuple[str, Refusal]] = field(default_factory=list)
    ways: list[tuple[str, "Visit | None"]] = field(default_factory=list)


@dataclass
class Explored:
    """``is_whole`` is False when there were more pages than may be asked for."""

    entry: Visit
    visits: list[Visit]
    is_whole: bool = True

    @property
    def refusals(self) -> list[tuple[str, Refusal]]:
        """URL and refusal of each page, and of each thing that can be done on it."""
        found = []
        for visit in self.visits:
            if visit.refusal is not None:
                found.append((visit.request.url, visit.refusal))
            found += [(f"{visit.request.url} {what}", refusal) for what, refusal in visit.refused_ways]
        return found

    def lines(self) -> Iterator[str]:
        """The pages as a tree."""
        stack: list[tuple[int, str, Visit | None]] = [(0, "", self.entry)]
        while stack:
            indent, label, visit = stack.pop()
            way = f"{'  ' * indent}{label}: " if label else ""
            if visit is None:
                yield f"{way}(seen)"
                continue
            page = visit.page
            what = str(visit.refusal) if page is None else f"{page.kind} {page.title!r}"
            yield f"{way}{what}"
            for done, uri in visit.effects:
                yield f"{'  ' * (indent + 1)}{done}: {uri}"
            for done, refusal in visit.refused_ways:
                yield f"{'  ' * (indent + 1)}{done}: {refusal}"
            stack += [(indent + 1, done, behind) for done, behind in reversed(visit.ways)]


_Same = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass
class _Walk:
    host: str
    seen: set[_Same]
    alike: Counter[tuple[str, str, str, tuple[str, ...]]] = field(default_factory=Counter)


class Explorer:
    """Asks with the phone's header fields and address, and shows nothing on it.

    ``values`` are typed into the fields with these QueryStringParams, good ones of every kind into others, and ``bad``
    ones into all. ``follow`` says of a URL whether it is asked for, ``last`` whether only when nothing else is left,
    such as what removes things; ``ignored`` are parameters that make no other page of it, ``alike`` at most how many
    pages are asked for that differ in nothing but the values of their parameters. Other servers are never asked.
    """

    def __init__(
        self, handset: Handset, values: Mapping[str, Sequence[str]] | None = None, *, bad: Sequence[str] = BAD,
        follow: Callable[[str], bool] = lambda url: True, last: Callable[[str], bool] = lambda url: False,
        ignored: Collection[str] = (), alike: int = MOST_PAGES, most: int = MOST_PAGES, deepest: int = DEEPEST,
    ) -> None:  # fmt: skip
        self._handset = handset
        self._values = values or {}
        self._bad = bad
        self._follow = follow
        self._last = last
        self._alike = alike
        self._ignored = frozenset(ignored)
        self._most = most
        self._deepest = deepest

    async def explore(self, url: str) -> Explored:
        """All that can be reached from the URL of a service."""
        entry = Visit(Request(with_device(url, self._handset.device)), 0)
        explored = Explored(entry, [entry])
        walk = _Walk(urlsplit(url).netloc, {self._same(entry.request)})
        waiting, left = deque([entry]), deque[Visit]()
        while waiting or left:
            visit = (waiting or left).popleft()
            fetched = await self._visited(visit)
            for done, request in self._requests(visit, fetched) if fetched is not None else ():
                behind = self._behind(walk, explored, visit, done, request)
                visit.ways.append((done, behind))
                if behind is not None:
                    (left if self._last(request.url) else waiting).append(behind)
        return explored

    def _behind(
        self, walk: "_Walk", explored: Explored, visit: Visit, done: str, request: Request
    ) -> Visit | None:
        """The page behind a way, when it is to be asked for."""
        same = self._same(request)
        if same in walk.seen or urlsplit(request.url).netloc != walk.host or not self._follow(request.url):
            return None
        method, _, path, query = same
        typed = done if done.startswith("Submit ") else ""
        kind = (method, path, typed, tuple(name for name, _ in query))
        walk.alike[kind] += 1
        if walk.alike[kind] > self._alike:
            return None
        if len(walk.seen) == self._most or visit.depth == self._deepest:
            explored.is_whole = False
            return None
        walk.seen.add(same)
        behind = Visit(request, visit.depth + 1)
        explored.visits.append(behind)
        return behind

    async def _visited(self, visit: Visit) -> Fetched | None:
        try:
            fetched = await self._handset.fetching.fetch(visit.request)
        except Refusal as refusal:
            visit.refusal = refusal
            return None
        visit.page = fetched.page
        return fetched

    def _requests(self, visit: Visit, fetched: Fetched) -> Iterator[tuple[str, Request]]:
        """What can be done on a page, and what is asked for then; what leads to no page is told to the visit."""
        page = fetched.page
        for number, item in enumerate(page.items, 1):
            if item.url and (item.touch is None or self._handset.model.is_touched):
                if not item.url.startswith("QueryStringParam:"):
                    yield from self._led(visit, f"{number} {item.name}", led_by_item(item))
        for key in softkeys_of(fetched):
            yield from self._behind_softkey(visit, page, key)
        for execution in page.executions:
            yield from self._led(visit, "Execute", execution.url)
        for _, telephone in page.entries:
            visit.effects.append(("Dial", telephone))
        if fetched.refresh is not None:
            yield from self._led(visit, "Refresh", fetched.refresh.url)
        if page.kind == "Input":
            for values in self._forms(page):
                told = ", ".join(f"{name}={text}" for name, text in values.items())
                yield f"Submit {told}", submission(page, values)

    def _behind_softkey(self, visit: Visit, page: Page, key: SoftKey) -> Iterator[tuple[str, Request]]:
        """A softkey with each item, where they are joined."""
        is_joined = "QueryStringParam:" in key.url or any(i.url.startswith("QueryStringParam:") for i in page.items)
        for item in page.items if is_joined and not key.url.startswith("SoftKey:") else (None,):
            label = f"[{key.name}]" if item is None else f"[{key.name}] {item.name}"
            try:
                uri = led_by_softkey(key, item)
            except Refusal as refusal:
                visit.refused_ways.append((label, refusal))
            else:
                yield from self._led(visit, label, uri)

    def _led(self, visit: Visit, label: str, uri: str) -> Iterator[tuple[str, Request]]:
        text = with_device(uri, self._handset.device)
        if split(text).is_http:
            yield label, Request(text)
        elif not text.startswith("SoftKey:"):
            visit.effects.append((label, text))

    def _forms(self, page: Page) -> Iterator[dict[str, str]]:
        """As it comes, with each good value, then with each bad one in all fields that take it."""
        defaults = {one.parameter: one.default for one in page.fields}
        yield defaults
        for index in range(max([1, *(len(self._values.get(one.parameter, ())) for one in page.fields)])):
            yield {one.parameter: self._good(one, index) for one in page.fields}
        for text in self._bad:
            if any(can_type(text, one.kind) for one in page.fields):
                yield {
                    one.parameter: text if can_type(text, one.kind) else defaults[one.parameter]
                    for one in page.fields
                }

    def _good(self, typed: Field, index: int) -> str:
        given = self._values.get(typed.parameter)
        return given[min(index, len(given) - 1)] if given else _GOOD[typed.kind]

    def _same(self, request: Request) -> _Same:
        """Equal for requests for the same page."""
        parts = urlsplit(request.url)
        query = [*parse_qsl(parts.query, True), *parse_qsl((request.body or b"").decode(), True)]
        kept = tuple(sorted((name, value) for name, value in query if name not in self._ignored))
        return "GET" if request.body is None else "POST", parts.netloc, parts.path, kept
