"""The process that writes one file: the order on its standard input, answers on its standard output.

    python -m magroup.reports.writer NICER < order

It is by so much nicer than calls, and ends when nobody reads its answers any more.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

from magroup.reports.order import Answer, encode, order_of
from magroup.reports.writing import write
from magroup.store.engine import for_reading, open_engine, transaction
from magroup.store.errors import StoreError

UNREADABLE = "the database cannot be read"

OFTEN = 0.2
"""Seconds between two answers on how far it is."""


def main() -> int:
    os.nice(int(sys.argv[1]))
    # Ctrl-C is for the server, which then ends its writers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    order = order_of(sys.stdin.buffer.read())
    try:
        engine = open_engine(order.url, create=False)
        write(order, partial(transaction, for_reading(engine)), _progress())
    except BrokenPipeError:
        # What Python still has for the standard output goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except StoreError as error:
        # Where the database is, is for the log only.
        print(error, file=sys.stderr)
        _tell(UNREADABLE)
        return 1
    except OSError as error:
        _tell(error.strerror or str(error))
        return 1
    return 0


def _progress() -> Callable[[int, int], None]:
    told_at = -OFTEN

    def progress(rows: int, of: int) -> None:
        nonlocal told_at
        if rows >= of or time.monotonic() - told_at >= OFTEN:
            told_at = time.monotonic()
            _tell((rows, of))

    return progress


def _tell(answer: Answer) -> None:
    sys.stdout.buffer.write(encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
