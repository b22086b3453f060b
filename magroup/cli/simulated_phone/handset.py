"""One simulated Cisco IP phone: what it shows, and what its user does with it."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from magroup.cli.simulated_phone.asking import TIMEOUT, Asking
from magroup.cli.simulated_phone.effects import Effect, Outcome
from magroup.cli.simulated_phone.exchange import Request
from magroup.cli.simulated_phone.fetching import Fetched, Fetching
from magroup.cli.simulated_phone.keypad import query_of, typed
from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.pages import Page, SoftKey
from magroup.cli.simulated_phone.refusal import Refusal, Rule, Shown
from magroup.cli.simulated_phone.schema import Validate
from magroup.cli.simulated_phone.uris import split, with_device, with_query
from magroup.cli.simulated_phone.ways import item_chosen, led_by_item, led_by_softkey, softkey_named, softkeys_of

PLAYING = 2.0
"""Seconds that a tone takes."""


class Handset:
    """``device`` is its name (SEP and the MAC address), ``address`` the local one that it asks from.

    ``reactor`` connects and is the clock, ``now`` is UTC seconds, ``validate`` is asked of each object in addition.
    ``shown`` is on the display, ``strip`` over the calls, ``effects`` what was done beside, ``refusals`` what failed
    while nobody waited for it.
    """

    def __init__(
        self, reactor: Any, model: PhoneModel, device: str, *, address: str = "", idle_url: str = "",
        now: Callable[[], float] = time.time, validate: Validate | None = None, timeout: float = TIMEOUT,
    ) -> None:  # fmt: skip
        self.reactor = reactor
        self.model = model
        self.device = device
        self.idle_url = idle_url
        self.asking = Asking(reactor, model, address, now, timeout)
        self.fetching = Fetching(self.asking, model, validate)
        self.shown: Fetched | None = None
        self.strip: Fetched | None = None
        self.highlighted = 0
        self.values: dict[str, str] = {}
        self.effects: list[Effect] = []
        self.refusals: list[Refusal] = []
        self.is_idle = True
        self.is_in_call = False
        self.playing = PLAYING
        self._stack: list[str] = []
        self._waiting: list[str] = []
        self._refreshing: Any = None
        self._loading: Deferred[Fetched] | None = None
        self._background: set[Deferred[None]] = set()

    @property
    def page(self) -> Page:
        """What is on the display. Raises Refusal when there is nothing."""
        return self._shown().page

    @property
    def softkeys(self) -> tuple[SoftKey, ...]:
        """Those of the page, as they are shown."""
        return softkeys_of(self._shown())

    async def open(self, url: str) -> Page:
        """Press the key of a service, or choose it among the services. Raises Refusal."""
        self.close_window()
        return await self.load(Request(with_device(url, self.device)))

    async def load(self, request: Request, can_go_back: bool = True) -> Page:
        """Show another page; the URL of the one before is kept for Back. Raises Refusal, showing what was shown."""
        self._stop_loading()
        loading = self._loading = Deferred.fromCoroutine(self.fetching.fetch(request))
        try:
            fetched = await loading
        finally:
            if self._loading is loading:
                self._loading = None
        before = self.shown
        if can_go_back and before is not None and before.can_go_back and before.request.url != request.url:
            self._stack.append(before.request.url)
        if fetched.page.kind == "Execute":
            await self.execute(fetched.page)
            return fetched.page
        self.show(fetched)
        return fetched.page

    def show(self, fetched: Fetched) -> None:
        """Put a page on the display that is there already, its pictures too."""
        self._stop_refreshing()
        if fetched.page.kind in ("Status", "StatusFile"):
            self.strip = fetched
            return
        self.shown = fetched
        self.highlighted = 0
        self.values = {field.parameter: field.default for field in fetched.page.fields}
        if fetched.refresh is not None and fetched.refresh.seconds:
            url = fetched.refresh.url
            self._refreshing = self.reactor.callLater(
                fetched.refresh.seconds, lambda: self.in_background(self._refresh(url))
            )

    async def choose(self, which: int | str) -> None:
        """Choose an item by its number, from 1, or by its name. Raises Refusal."""
        self.highlighted = item_chosen(self.page, which, self.model)
        await self.act(led_by_item(self.page.items[self.highlighted]))

    def highlight(self, which: int | str) -> None:
        """Move to an item, or to an entry of a directory by its number. Raises Refusal."""
        if self.page.entries:
            if not isinstance(which, int) or not 1 <= which <= len(self.page.entries):
                raise Refusal(Rule.MISSING, f"there is no entry {which!r}", Shown.NOTHING)
            self.highlighted = which - 1
        else:
            self.highlighted = item_chosen(self.page, which, self.model)

    async def press(self, name: str) -> None:
        """Press the softkey with that label, with the highlighted item. Raises Refusal."""
        key = softkey_named(self._shown(), name)
        items = self.page.items
        item = items[self.highlighted] if self.highlighted < len(items) else None
        await self.act(led_by_softkey(key, item))

    def fill(self, values: dict[str, str] | None = None, **more: str) -> None:
        """Type into fields, by their QueryStringParam. Raises Refusal, having typed nothing."""
        fields = {field.parameter: field for field in self.page.fields}
        new = {**(values or {}), **more}
        if unknown := set(new) - set(fields):
            raise Refusal(Rule.MISSING, f"there are no fields {sorted(unknown)}", Shown.NOTHING)
        self.values.update({name: typed(fields[name], text) for name, text in new.items()})

    async def submit(self) -> Page:
        """Send what is in the fields. Raises Refusal."""
        return await self.load(submission(self.page, self.values))

    async def back(self) -> None:
        """Return to the page before, or leave the services when there is none."""
        if not self._stack:
            self.close_window()
            return
        await self.load(Request(self._stack.pop()), can_go_back=False)

    async def act(self, uri: str) -> Outcome:
        """Do what a URI says: ask for a page, do what a softkey does, or have an effect. Raises Refusal."""
        text = with_device(uri, self.device)
        parts = split(text)
        if parts.is_http:
            await self.load(Request(text))
            return Outcome()
        if parts.scheme == "SoftKey":
            await self._do_softkey(parts.rest)
            return Outcome()
        self.effects.append(Effect(parts.scheme, parts.rest))
        if parts.scheme == "SendDigits" and not self.is_in_call:
            return Outcome(6, "No Active Call")
        if parts.scheme == "Init" and parts.rest == "AppStatus":
            self.strip = None
        elif parts.scheme == "Init":
            self.close_window()
        elif parts.scheme in ("Dial", "EditDial"):
            self.is_in_call = parts.scheme == "Dial" or self.is_in_call
        return Outcome()

    async def execute(self, page: Page) -> list[tuple[str, Outcome]]:
        """Do the items of an Execute; what came of each URL. A page is asked for afterwards, nobody waits for it."""
        outcomes: list[tuple[str, Outcome]] = []
        for item in page.executions:
            parts = split(item.url)
            if parts.is_http:
                self._execute_url(with_device(item.url, self.device), item.priority)
                outcomes.append((item.url, Outcome()))
                continue
            outcomes.append((item.url, await self.act(item.url)))
            if parts.scheme == "Play" and parts.rest != "Stop":
                await deferLater(self.reactor, self.playing)
        return outcomes

    def _execute_url(self, url: str, priority: int) -> None:
        if priority == 0 or self.is_idle:
            self.in_background(self._pull(url))
        elif priority == 1:
            self._waiting.append(url)
        else:
            self.effects.append(Effect("dropped", url))

    def become_busy(self) -> None:
        """The user does something with the phone."""
        self.is_idle = False

    def become_idle(self) -> None:
        """The idle timer has passed: what waited for it is shown, else what the phone shows then."""
        self.is_idle = True
        waiting, self._waiting = self._waiting, []
        for url in waiting or [with_device(self.idle_url, self.device)]:
            if url:
                self.in_background(self._pull(url))

    def close_window(self) -> None:
        """Leave the services: no page, no cookies, nothing to go back to."""
        self._stop_loading()
        self._stop_refreshing()
        self.shown = None
        self._stack.clear()
        self.asking.cookies.forget()

    def close(self) -> None:
        """Pull the plug."""
        self.close_window()
        self._waiting.clear()
        for running in list(self._background):
            running.cancel()
        self.asking.stop()

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do what nobody waits for; ``refusals`` has what fails."""
        running = Deferred.fromCoroutine(work)
        self._background.add(running)

        def failed(failure: Failure) -> None:
            if isinstance(failure.value, Refusal):
                self.refusals.append(failure.value)
            else:
                failure.trap(CancelledError)

        running.addErrback(failed).addBoth(lambda _: self._background.discard(running))

    async def _pull(self, url: str) -> None:
        await self.load(Request(url))

    async def _refresh(self, url: str) -> None:
        self._refreshing = None
        await self.load(Request(url), can_go_back=False)

    async def _do_softkey(self, name: str) -> None:
        shown = self._shown()
        match name:
            case "Select":
                await self.choose(self.highlighted + 1)
            case "Back" | "Exit" | "Cancel":
                await self.back()
            case "Update" | "Next":
                url = shown.refresh.url if shown.refresh is not None else shown.request.url
                await self.load(Request(url), can_go_back=name == "Next")
            case "Submit":
                await self.submit()
            case "<<":
                field = shown.page.fields[self.highlighted].parameter
                self.values[field] = self.values[field][:-1]
            case "Dial" | "EditDial":
                if self.highlighted >= len(shown.page.entries):
                    raise Refusal(Rule.MISSING, f"there is nothing to {name}", Shown.NOTHING)
                await self.act(f"{name}:{shown.page.entries[self.highlighted][1]}")

    def _shown(self) -> Fetched:
        if self.shown is None:
            raise Refusal(Rule.MISSING, "the display shows no page", Shown.NOTHING)
        return self.shown

    def _stop_loading(self) -> None:
        if self._loading is not None:
            self._loading.cancel()

    def _stop_refreshing(self) -> None:
        if self._refreshing is not None and self._refreshing.active():
            self._refreshing.cancel()
        self._refreshing = None


def submission(page: Page, values: dict[str, str]) -> Request:
    """The request that an Input makes."""
    query = query_of(page, values)
    if page.method == "post":
        return Request(page.url, query.encode())
    return Request(with_query(page.url, query))
