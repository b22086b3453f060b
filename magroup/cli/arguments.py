"""Arguments of commands, what is wrong with them being said in one line."""

import argparse
from collections.abc import Sequence
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(1, f"magroup: {message}\n")


def parsed(made: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace | int:
    """The arguments, or the exit code when there is nothing more to do."""
    try:
        return made.parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
