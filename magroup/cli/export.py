"""``python -m magroup export [FILE]``: write the whole configuration as a company file."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from magroup.cli.arguments import parsed
from magroup.cli.company import write_company
from magroup.cli.data_arguments import key_file_of, parser, settings_of, url_of
from magroup.model.numbers import NumberPlan
from magroup.model.settings_reading import SettingsError
from magroup.store import StoreError, check_version, load, look
from magroup.store.sealing import keyed


def export_company(arguments: Sequence[str]) -> int:
    """Write the file, or to standard output; 0, or 1 with a line that says why not. The server may run."""
    made = parser("export", "Write the company as a file that can be imported. It holds secrets in clear text.")
    made.add_argument("file", metavar="FILE", nargs="?", type=Path, help="new file [default: standard output]")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options
    try:
        settings = settings_of(options)
        text = look(url_of(settings), keyed(key_file_of(settings), company_as_text))
        if options.file is None:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.flush()
        else:
            write_private(options.file, text)
    except (SettingsError, StoreError) as error:
        print("\n".join(f"magroup: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"magroup: {options.file or 'output'} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def company_as_text(connection: Connection) -> str:
    """The company file of what is stored."""
    check_version(connection)
    return write_company(load(connection, NumberPlan()))


def write_private(path: Path, text: str) -> None:
    """Put a file for its owner only in the place of ``path``, as a whole or not at all."""
    file, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(file)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
