"""How many announcements one core plays: ``python -m tests.bench.rtp_streams [--ramp] [--echo] [--srtp]``.

Streams are added step by step until the pacing error is too large or the steps are through; with ``--ramp`` until it
breaks, wherever that is, and then the highest number that holds is looked for, each one twice. A second process, on the
second core, takes the packets with the kernel's time of arrival. The pacing error of a packet is how much later than
the best packet of its stream it came, against the 20 ms schedule. With ``--echo`` each packet is sent back, as callers
do that speak; with ``--srtp`` all are encrypted. "us each" is the CPU time of a packet. ``--realtime`` lets no other
process in between (it needs root), so that others on the machine, which have both cores as well, do not decide what is
measured; a core of its own is what the server has then, not more.
"""

import argparse
import contextlib
import cProfile
import multiprocessing
import multiprocessing.connection
import os
import pstats
import socket
import sys
import time

import numpy as np
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from magroup.rtp.codec import CODECS
from magroup.rtp.media import Media
from magroup.rtp.ports import Ports
from magroup.rtp.socket_wire import SocketWires
from magroup.rtp.sound import make_sound
from magroup.rtp.srtp_keys import SUITES, RemoteKey
from magroup.rtp.stream import Stream
from magroup.rtp.tick import SLOTS

HOST = "127.0.0.1"
SINKS = 16
LIMIT_MS = 5.0
WARM_UP_SECONDS = 1.0
SO_TIMESTAMPNS = 35
RECORD = np.dtype(
    [("head", ">u2"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4"), ("s", "<i8"), ("ns", "<i8")]
)
RAMP_FROM = 400
CLOSE = 20
"""The ramp ends when the numbers that hold and that do not are a twentieth apart."""
TRIES = 2
MOST = 19_000
"""Streams for which there are ports."""
STEPS = (200, 400, 600, 800, 1000, 1500, 2000, 2500, 3000, 4000)

Pipe = multiprocessing.connection.Connection
Sinks = list[tuple[str, int]]


def sink(pipe: Pipe, echo: bool) -> None:
    """Takes packets until told to stop, then says what was in them; over and over.

    It looks every 5 ms instead of being woken: waking it would cost the sender more than sending does.
    """
    sockets = []
    for _ in range(SINKS):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind((HOST, 0))
        sockets.append(sock)
    pipe.send([sock.getsockname() for sock in sockets])
    records = bytearray()
    while True:
        if pipe.poll(0.005):
            if pipe.recv() == "end":
                return
            pipe.send(summary(bytes(records)))
            records.clear()
        for sock in sockets:
            with contextlib.suppress(BlockingIOError):
                while True:
                    data, ancillary, _, address = sock.recvmsg(2048, 64)
                    if 200 <= data[1] <= 203:
                        continue
                    records += data[:12]
                    records += ancillary[0][2]
                    if echo:
                        sock.sendto(data, address)


def summary(records: bytes) -> tuple[int, int, float, float, float]:
    """Packets, packets missing, and p50, p99 and maximum of the pacing error in ms."""
    packets = np.frombuffer(records, RECORD)
    if not len(packets):
        return 0, 0, 0.0, 0.0, 0.0
    arrival = packets["s"] * 1e3 + packets["ns"] / 1e6
    first = arrival.min()
    errors, missing = [], 0
    order = np.argsort(packets["ssrc"], kind="stable")
    ends = np.flatnonzero(np.diff(packets["ssrc"][order].astype(np.int64))) + 1
    for mine in np.split(order, ends):
        sequence = packets["sequence"][mine].astype(np.int64)
        missing += int(((sequence - sequence[0]) & 0xFFFF).max()) + 1 - len(mine)
        media = ((packets["timestamp"][mine].astype(np.int64) - int(packets["timestamp"][mine][0])) & 0xFFFFFFFF) / 8.0
        late = arrival[mine] - media
        late -= late.min()
        errors.append(late[arrival[mine] > first + 1000 * WARM_UP_SECONDS])
    p50, p99, most = np.percentile(np.concatenate(errors), (50, 99, 100))
    return len(packets), missing, float(p50), float(p99), float(most)


async def later(seconds: float) -> None:
    """That time passes."""
    waiting: Deferred[None] = Deferred()
    reactor.callLater(seconds, waiting.callback, None)
    await waiting


def sent_by(streams: list[Stream]) -> int:
    """Packets so far."""
    return sum(stream.statistics().packets_sent for stream in streams)


async def step(streams: int, options: argparse.Namespace, pipe: Pipe, sinks: Sinks) -> float:
    """One line of the table; its p99."""
    media = Media(reactor, Ports(reactor, SocketWires(reactor), 20000, 59999), slots=options.slots)
    samples = np.random.default_rng(1).uniform(-0.3, 0.3, 8000 * 10).astype(np.float32)
    sound = make_sound("noise", samples, 8000)
    opened = [media.open(HOST) for _ in range(streams)]
    for number, stream in enumerate(opened):
        # What is echoed comes back as it was sealed.
        key = RemoteKey(options.srtp, stream.srtp_key(options.srtp)) if options.srtp else None
        stream.connect(*sinks[number % len(sinks)], CODECS[options.codec], 101, srtp=key)
        stream.play([sound], repeat=True)
    await later(WARM_UP_SECONDS)
    profile = cProfile.Profile() if options.profile else None
    cpu, begun, before = time.process_time(), time.monotonic(), sent_by(opened)
    if profile is not None:
        profile.enable()
    await later(options.seconds)
    if profile is not None:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)
    cpu = time.process_time() - cpu
    used, each = cpu / (time.monotonic() - begun), cpu / max(1, sent_by(opened) - before)
    late = sum(stream.statistics().late_ticks for stream in opened)
    dropped = sum(stream.statistics().packets_dropped for stream in opened)
    heard = sum(stream.statistics().packets_received for stream in opened)
    media.close()
    await later(0.3)
    pipe.send("next")
    packets, missing, p50, p99, most = pipe.recv()
    print(
        f"{streams:7} {100 * used:6.1f} {1e6 * each:7.1f} {p50:8.2f} {p99:8.2f} {most:8.2f}"
        f" {packets:9} {dropped:7} {missing:7} {late:6} {heard:9}",
        flush=True,
    )
    return p99


async def steps(options: argparse.Namespace, pipe: Pipe, sinks: Sinks) -> None:
    print("streams  CPU % us each   p50 ms   p99 ms   max ms      sent dropped missing   late  received")
    if options.ramp:
        await ramp(options, pipe, sinks)
        return
    for streams in options.streams:
        if await step(streams, options, pipe, sinks) > LIMIT_MS:
            break


async def ramp(options: argparse.Namespace, pipe: Pipe, sinks: Sinks) -> None:
    """Go up in steps of a quarter until it breaks, then halve the rest."""
    good, bad, streams = 0, 0, RAMP_FROM
    while not bad or bad - good > max(good // CLOSE, 1):
        holds = False
        for _ in range(TRIES):
            if await step(streams, options, pipe, sinks) <= LIMIT_MS:
                holds = True
                break
        if holds:
            good = streams
        else:
            bad = streams
        streams = (good + bad) // 2 if bad else min(streams * 5 // 4, MOST)
        if good == MOST:
            break
    print(f"{good} streams with a pacing error of at most {LIMIT_MS:g} ms (p99)")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--streams", type=int, nargs="+", default=STEPS)
    arguments.add_argument("--seconds", type=float, default=3.0, help="length of a step")
    arguments.add_argument("--ramp", action="store_true", help="look for the highest number of streams")
    arguments.add_argument("--realtime", action="store_true", help="before all other processes")
    arguments.add_argument("--slots", type=int, default=SLOTS, help="parts of the 20 ms")
    arguments.add_argument("--codec", choices=sorted(CODECS), default="PCMU")
    arguments.add_argument("--echo", action="store_true", help="send every packet back")
    suite = next(iter(SUITES))
    arguments.add_argument("--srtp", nargs="?", const=suite, default="", choices=[*SUITES], help=f"encrypt: {suite}")
    arguments.add_argument("--profile", action="store_true", help="show where the time goes")
    options = arguments.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    pipe, other = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=sink, args=(other, options.echo), daemon=True)
    process.start()
    os.sched_setaffinity(process.pid or 0, {cores[-1]})
    os.sched_setaffinity(0, {cores[0]})
    if options.realtime:
        for pid in (0, process.pid or 0):
            os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))
    sinks = pipe.recv()
    failed = []

    def ended(result: object) -> None:
        failed.append(result) if result is not None else None
        reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(steps(options, pipe, sinks)).addBoth(ended))
    reactor.run()
    pipe.send("end")
    process.join()
    if failed:
        sys.exit(str(failed[0]))


if __name__ == "__main__":
    main()
