"""``python -m magroup phone URL``: look at the pages for Cisco IP phones as somebody at a phone does."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.internet.threads import deferToThreadPool

from magroup.cli.arguments import Parser, parsed
from magroup.cli.simulated_phone import MODELS, Explorer, Handset, Refusal
from magroup.cli.simulated_phone.as_text import page_lines

HELP = "a number chooses, a softkey's label presses it, NAME=TEXT types into a field, back goes back, q ends"

Read = Callable[[], str]
"""A line, empty at the end."""


def phone(arguments: Sequence[str]) -> int:
    """Show pages, and do what is read from standard input; 0, or 1 when the phone refused something."""
    options = options_of(arguments)
    if isinstance(options, int):
        return options
    try:
        react(run, (options, sys.stdin.readline))
    except SystemExit as end:
        return int(end.code or 0)


def options_of(arguments: Sequence[str]) -> argparse.Namespace | int:
    """The options, or the exit code when there is nothing more to do."""
    made = Parser(
        prog="python -m magroup phone", description="Show the pages for a Cisco IP phone as text.", allow_abbrev=False,
        epilog=f"Standard input: {HELP}.",
    )  # fmt: skip
    made.add_argument("--model", choices=sorted(MODELS), default="8845", help="the phone [default: 8845]")
    made.add_argument("--device", metavar="SEP...", default="SEP000000000000", help="its name")
    made.add_argument("--address", default="", help="the local address to ask from")
    made.add_argument("--walk", action="store_true", help="ask for every page behind URL and print them as a tree")
    made.add_argument("url", metavar="URL", help="that of a service; #DEVICENAME# becomes the name")
    return parsed(made, arguments)


def run(reactor: Any, options: argparse.Namespace, read: Read) -> Deferred[None]:
    """Show pages and do what ``read`` gives, in a thread. Fails with SystemExit when the phone refused something."""
    handset = Handset(reactor, MODELS[options.model], options.device, address=options.address)
    seen = Deferred.fromCoroutine(_walk(handset, options.url) if options.walk else _use(handset, options.url, read))
    return seen.addBoth(_closed, handset)


def _closed(outcome: Any, handset: Handset) -> Any:
    handset.close()
    return outcome


async def _walk(handset: Handset, url: str) -> None:
    explored = await Explorer(handset).explore(url)
    for line in explored.lines():
        print(line)
    print(f"{len(explored.visits)} pages, {len(explored.refusals)} refused")
    if explored.refusals:
        raise SystemExit(1)


async def _use(handset: Handset, url: str, read: Read) -> None:
    refused = not await _did(handset, handset.open(url))
    while handset.shown is not None:
        print("\n".join(page_lines(handset.shown, handset.values)))
        line = await deferToThreadPool(handset.reactor, handset.reactor.getThreadPool(), read)
        if not line or line.strip() == "q":
            break
        refused |= not await _did(handset, _act(handset, line.strip()))
    if refused:
        raise SystemExit(1)


async def _did(handset: Handset, work: Any) -> bool:
    effects = len(handset.effects)
    try:
        await work
    except Refusal as refusal:
        print(refusal)
        return False
    finally:
        for effect in handset.effects[effects:]:
            print(f"{effect.scheme}:{effect.rest}")
    return True


async def _act(handset: Handset, line: str) -> None:
    """Do what a line says. Raises Refusal."""
    name, is_typed, text = line.partition("=")
    if line.isascii() and line.isdigit():
        if handset.page.entries:
            handset.highlight(int(line[:6]))
        else:
            await handset.choose(int(line[:6]))
    elif is_typed:
        handset.fill({name: text})
    elif line == "back":
        await handset.back()
    elif line in ("?", "help"):
        print(HELP)
    elif line:
        await handset.press(line)
