"""Writes journal records in a process of its own until it is killed: ``python -m ... FOLDER DATABASE_URL``.

Prints ``done N`` when the call numbered N has ended and a second has passed since; the call after it is up.
"""

import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from magroup.store import Database, Worker
from magroup.store.journal import Journal
from tests.store.calls import begin, call, ended

A_TIME = 10
"""Calls that are up at any time, beside the one that is up all the time."""

ALWAYS = 10**9
"""The number of that one."""


async def write(folder: str, url: str) -> None:
    database = Database(url, reactor)
    await database.start()
    journal = Journal(Path(folder), database, Worker(reactor, "journal"), reactor, segment_size=20_000)
    await journal.start()
    next_number = 0
    begin(journal, call(str(ALWAYS)))

    def one_more() -> None:
        nonlocal next_number
        begin(journal, call(str(next_number)))
        if next_number >= A_TIME:
            over = next_number - A_TIME
            journal.finish(ended(call(str(over))))
            reactor.callLater(1.0, print, "done", over, flush=True)
        next_number += 1

    LoopingCall(one_more).start(0.002)


if __name__ == "__main__":
    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(write(*sys.argv[1:])))
    reactor.run()
