"""Reports of a month with a million legs: how long each takes, and what saving one does to a 20 ms tick.

    python -m tests.bench.reports [--legs 1000000] [--members 1000] [--folder DIR]

The month is made once in ``--folder``, by what the journal's writer uses, and taken from there the next time.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from twisted.internet import reactor, task
from twisted.internet.defer import Deferred

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.report import Asked, Form, Kind
from magroup.model.report_range import Month, month_range
from magroup.reports import StoredReports, Writers
from magroup.service import Server
from magroup.store import Database, migrate, once, replace_all
from magroup.store.journal.rows import insert_new_calls

ZONE = ZoneInfo("Europe/Zurich")
GROUP = 10
"""Members in each."""

TICK = 0.02


def company(members: int) -> Configuration:
    groups = members // GROUP
    numbers = range(1, members + 1)
    return Configuration(
        users=tuple(User(n, f"user{n}", f"First{n}", f"Last{n}", lines=(f"{10000 + n}",)) for n in numbers),
        lines=tuple(Line(f"{10000 + n}", f"secret{n}") for n in numbers),
        groups=tuple(Group(n, f"Group {n}", number=f"{80000 + n}") for n in range(1, groups + 1)),
        members=tuple(
            Member(n, (n - 1) // GROUP + 1, f"user{n}", f"{10000 + n}", f"M{n}", n % GROUP == 1, n) for n in numbers
        ),
    )


def a_call(chance: random.Random, number: int, started_at: float, members: int) -> CallRecord:
    """One to a group that rings one to five, or a direct one, or one that a member makes."""
    id = f"bench-{number:09}"
    group = chance.randrange(members // GROUP) + 1
    kind = chance.random()
    first = (group - 1) * GROUP + 1
    count = chance.randint(1, 5) if kind < 0.7 else 1
    legs = []
    for place in range(count):
        member = first + (place if kind < 0.7 else chance.randrange(GROUP))
        answered = place == count - 1 and chance.random() < 0.8
        legs.append(LegRecord(
            f"{id}/{place}", id, f"{10000 + member}", f"First{member} Last{member}", f"user{member}",
            member if kind < 0.7 else 0, group if kind < 0.7 else 0, kind < 0.85, started_at + 10 * place,
            started_at + 10 * place + 5 if answered else 0.0, started_at + 10 * place + 60,
            LegOutcome.ANSWERED if answered else LegOutcome.MISSED if kind < 0.85 else LegOutcome.NOT_ANSWERED,
        ))  # fmt: skip
    return CallRecord(
        id, started_at, f"+4131{number % 10_000_000:07}",
        called_number=f"{80000 + group}", called_name=f"Group {group}",
        group_id=group if kind < 0.7 else 0, ended_at=started_at + 60 + 10 * count, legs=tuple(legs),
    )  # fmt: skip


def month(legs: int, members: int) -> Iterator[list[CallRecord]]:
    """The calls of July 2024 in batches: office hours of each day, at random."""
    chance = random.Random(7)
    begin = datetime(2024, 7, 1, 6, tzinfo=UTC).timestamp()
    calls = legs // 2.4
    moments = sorted(begin + 86_400 * chance.randrange(31) + chance.random() * 36_000 for _ in range(int(calls)))
    batch: list[CallRecord] = []
    for number, moment in enumerate(moments):
        batch.append(a_call(chance, number, round(moment, 3), members))
        if len(batch) == 5000:
            yield batch
            batch = []
    yield batch


def make(url: str, legs: int, members: int) -> None:
    begun, cpu, made = time.monotonic(), time.process_time(), 0
    once(url, replace_all, company(members))
    for batch in month(legs, members):
        once(url, insert_new_calls, batch)
        made += sum(len(call.legs) for call in batch)
    took, used = time.monotonic() - begun, time.process_time() - cpu
    print(f"{made} legs stored in {took:.0f} s, {used / made * 1e6:.0f} µs of CPU a leg")


async def timed(what: str, ask: Callable[[], Any]) -> Any:
    took = []
    for _ in range(3):
        begun = time.monotonic()
        answer = await ask()
        took.append(time.monotonic() - begun)
    print(f"{what:40} first {took[0]:.3f} s, best {min(took):.3f} s")
    return answer


async def measure(url: str, folder: Path) -> None:
    clock: Any = reactor
    database, writers = Database(url, clock), Writers(clock)
    await database.start()
    reports = StoredReports(database, writers, lambda: ZONE, clock.seconds)
    july = month_range(Month(2024, 7), ZONE)
    late: list[float] = []
    Server.settle()
    due = clock.seconds() + TICK

    def tick() -> None:
        nonlocal due
        late.append(clock.seconds() - due)
        due = clock.seconds() + TICK

    def told(what: str) -> None:
        ordered = sorted(late)
        late.clear()
        p99, most = ordered[len(ordered) * 99 // 100] * 1000, ordered[-1] * 1000
        print(f"{what:40} tick late p99 {p99:.1f} ms, most {most:.1f}")

    looping = task.LoopingCall(tick)
    looping.clock = clock
    looping.start(TICK, now=False).addErrback(lambda failure: print(failure))
    for outbound in (False, True):
        asked = Asked(july, outbound=outbound)
        print(f"outbound {outbound}: {await reports.count(asked)} calls")
        await timed("first page", lambda asked=asked: reports.details(asked))
        await timed("count of details", lambda asked=asked: reports.count(asked))
        await timed("graph of hours and weekdays", lambda asked=asked: reports.traffic(asked))
        await timed("rows of all members", lambda asked=asked: reports.members(asked))
        await timed("graph of groups", lambda asked=asked: reports.groups(asked))
        one = Asked(july, 5, outbound=outbound)
        await timed("rows of a group", lambda one=one: reports.members(one))
        await timed("first page of a group", lambda one=one: reports.details(one))
        member = Asked(july, 5, "10043", outbound)
        await timed("first page of a member", lambda member=member: reports.details(member))
        await timed("graph of a member", lambda member=member: reports.traffic(member))
    told("all of these")
    for form in Form:
        begun, file = time.monotonic(), folder / f"report.{form.value}"
        file.unlink(missing_ok=True)
        pieces: list[tuple[int, int]] = []
        await reports.save(Kind.DETAILS, asked, form, file, lambda *at, pieces=pieces: pieces.append(at))
        size = file.stat().st_size / 1e6
        print(f"{form.value}: {pieces[-1][0]} rows in {time.monotonic() - begun:.1f} s, {size:.0f} MB")
        told(f"while {form.value} was saved")
        file.unlink()
    looping.stop()
    await writers.stop()
    await database.stop()
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--legs", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="magroup-reports-"))
    url = f"sqlite:///{folder.absolute()}/month.db"
    if not (folder / "month.db").exists():
        once(url, migrate)
        make(url, given.legs, given.members)
    done = Deferred.fromCoroutine(measure(url, folder))
    done.addErrback(lambda failure: failure.printTraceback(sys.stderr))
    done.addBoth(lambda _: reactor.stop())  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
