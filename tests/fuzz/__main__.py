"""``python -m tests.fuzz TARGET --seconds N --seed S``: look for inputs that break a target, and for new lines."""

import argparse
import sys
from pathlib import Path
from time import monotonic, time_ns

from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.targets import TARGETS


def main() -> int:
    """The exit status is 1 where something was found broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS, help="what is fuzzed")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--seed", type=int, default=time_ns() % 1_000_000, help="the same one goes the same way again")
    parser.add_argument(
        "--broken", type=Path, default=Path("fuzz-broken"), help="folder of inputs that break something"
    )
    parser.add_argument("--input", type=Path, help="only this file, once")
    asked = parser.parse_args()
    target = TARGETS[asked.target]()
    if asked.input is not None:
        target.run(asked.input.read_bytes())
        return 0
    print(f"{target.name}, seed {asked.seed}", flush=True)
    fuzzer = Fuzzer(target, asked.seed, asked.broken)
    end = monotonic() + asked.seconds
    fuzzer.run(lambda: monotonic() >= end, lambda words: print(words, flush=True))
    return 1 if fuzzer.found else 0


sys.exit(main())
