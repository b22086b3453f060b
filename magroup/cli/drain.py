"""``python -m magroup drain``: a running server takes no new calls; those that it has go on."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from magroup.cli.arguments import parsed
from magroup.cli.data_arguments import data_folder, parser, settings_of
from magroup.data_folder import process_of
from magroup.draining import EMPTY, FILE, WANTED
from magroup.model.settings_reading import SettingsError

LOOK_EVERY = 0.2


def drain(arguments: Sequence[str]) -> int:
    """0 when it is told, with ``--wait`` when no call is left; else 1 with a line that says why."""
    made = parser("drain", "Let a running server take no new calls: others of its nodes get them.")
    made.add_argument("--wait", metavar="SECONDS", type=float, default=0.0, help="wait so long for the last call's end")
    made.add_argument("--undo", action="store_true", help="let it take calls again")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options
    try:
        folder = data_folder(settings_of(options))
    except SettingsError as error:
        print("\n".join(f"magroup: {problem}" for problem in error.problems), file=sys.stderr)
        return 1
    process = process_of(folder)
    if not process:
        print(f"magroup: no server runs with the data folder {folder}", file=sys.stderr)
        return 1
    file = folder / FILE
    try:
        if options.undo:
            file.unlink(missing_ok=True)
        else:
            file.write_text(f"{WANTED}\n", encoding="ascii")
        os.kill(process, signal.SIGUSR2)
    except OSError as error:
        print(f"magroup: process {process} cannot be told: {error.strerror}", file=sys.stderr)
        return 1
    if options.undo or not options.wait:
        print("magroup takes calls again" if options.undo else "magroup takes no new calls")
        return 0
    return _waited(file, options.wait)


def _waited(file: Path, seconds: float) -> int:
    """Until the server says that it is empty."""
    until = time.monotonic() + seconds
    while True:
        try:
            said = file.read_text("ascii").strip()
        except OSError:
            print("magroup: the server does not drain any more", file=sys.stderr)
            return 1
        if said == EMPTY:
            print(EMPTY)
            return 0
        if time.monotonic() >= until:
            print(f"magroup: {said}", file=sys.stderr)
            return 1
        time.sleep(LOOK_EVERY)
