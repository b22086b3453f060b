"""``python -m magroup COMMAND``: what is done beside a running server."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from magroup.version import VERSION

COMMANDS = {
    "check-config": ("magroup.cli.check_config", "check_config", "FILE: say what is wrong with a configuration file"),
    "import": ("magroup.cli.import_", "import_company", "FILE: put a company in the place of the one that is there"),
    "export": ("magroup.cli.export", "export_company", "[FILE]: write the company as a file that can be imported"),
    "backup": ("magroup.cli.backup.commands", "backup", "FILE: write all that the server keeps into one file"),
    "restore": ("magroup.cli.backup.commands", "restore", "FILE: put a backup into an empty data folder"),
    "copy-database": ("magroup.cli.backup.commands", "copy", "URL: copy the database into an empty one, and compare"),
    "rotate-key": ("magroup.cli.rotate_key", "rotate_key", "encrypt the passwords in the database with a new key"),
    "drain": ("magroup.cli.drain", "drain", "let a running server take no new calls, and wait until it has none"),
    "phone": ("magroup.cli.phone", "phone", "URL: look at the pages for a Cisco IP phone, or walk through all of them"),
    "load": ("magroup.cli.load", "load", "SCENARIO: load a SIP server with virtual phones and callers"),
    "example-config": ("magroup.cli.check_config", "example_config", "print a configuration file with every setting"),
}
"""Name of the command: module, function from arguments to exit code, what it does."""


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first argument names; the exit code."""
    match arguments:
        case ["--version"]:
            print(f"magroup {VERSION}")
            return 0
        case [name, *rest] if name in COMMANDS:
            module, function, _ = COMMANDS[name]
            command: Callable[[Sequence[str]], int] = getattr(import_module(module), function)
            return command(rest)
        case [] | ["--help"]:
            print(_usage())
            return 0
        case _:
            print(f"magroup: {arguments[0]!r} is not a command; python -m magroup --help lists them", file=sys.stderr)
            return 1


def _usage() -> str:
    lines = [f"  {name} {what}" for name, (_, _, what) in COMMANDS.items()]
    return "\n".join(
        ["Usage: python -m magroup COMMAND", *lines, "The server itself is started by: twistd -n magroup"]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
