"""``python -m magroup import FILE``: put the company that a file describes in the place of the one that is there."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from magroup.cli.arguments import parsed
from magroup.cli.company import CompanyError, read_company
from magroup.cli.data_arguments import data_folder, key_file_of, layers_of, parser, url_of
from magroup.data_folder import DataFolder, DataFolderError
from magroup.groups.settings_change import hold
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.numbers import NumberPlan
from magroup.model.settings_numbers import codes_of, plan_of
from magroup.model.settings_reading import SettingsError
from magroup.store import StoreError, load, once, replace_all
from magroup.store.sealing import keyed, prepare
from magroup.store.settings import load_settings
from magroup.store.state import presence_change, write_state

LARGEST_FILE = 64 << 20
"""Bytes of a company file."""


@fixed
class Imported:
    """The configuration now stored, and the numbers of the lines for which a SIP secret was made."""

    configuration: Configuration
    new_secrets: tuple[str, ...]


def import_company(arguments: Sequence[str]) -> int:
    """Import the file; 0 when it is in the database, else 1 with a line for each reason, and nothing changed."""
    made = parser("import", "Put the company that FILE describes in the place of the one that is there.")
    made.add_argument("file", metavar="FILE", type=Path, help="company file (TOML)")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options
    try:
        layers = layers_of(options)
        settings = layers.settings()
        text = company_text(options.file)
        folder = DataFolder.take(data_folder(settings))
        try:
            keys = key_file_of(settings)
            once(url_of(settings), prepare, keys)
            settings = hold(layers, once(url_of(settings), keyed(keys, load_settings))).layers.settings()
            imported = once(
                url_of(settings), keyed(keys, put_company), text, str(options.file), plan_of(settings.numbers),
                time.time(), codes_of(settings), settings.voicemail.pilot,
            )  # fmt: skip
        finally:
            folder.release()
    except CompanyError as error:
        print(error, file=sys.stderr)
        print(f"magroup: {options.file} is not imported, nothing is changed", file=sys.stderr)
        return 1
    except (SettingsError, DataFolderError, StoreError) as error:
        print("\n".join(f"magroup: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 1
    print("\n".join(summary(imported)))
    return 0


def company_text(path: Path) -> str:
    """The text of a company file. Raises CompanyError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise CompanyError([f"{path}: is larger than {LARGEST_FILE >> 20} MiB"])
        return content.decode("utf-8-sig")
    except OSError as error:
        raise CompanyError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CompanyError([f"{path}:{line}: is not UTF-8 text"]) from None


def put_company(
    connection: Connection, text: str, path: str, plan: NumberPlan, now: float, codes: Sequence[str] = (),
    pilot: str = "",
) -> Imported:  # fmt: skip
    """Read the text of a company file and store it; ``now`` (UTC seconds) is when its presences begin.

    ``codes`` are the service codes, with which no number may begin, ``pilot`` is the voicemail's number.

    For the database's thread: new passwords take time. Raises CompanyError with all that is wrong; nothing is stored
    then.
    """
    company = read_company(text, path, plan, load(connection, plan), codes=codes, pilot=pilot)
    stored = replace_all(connection, company.configuration)
    presence = {name: replace(state, since=now) for name, state in company.presence.items()}
    write_state(connection, [presence_change(name, state) for name, state in presence.items()])
    return Imported(stored, company.new_secrets)


def summary(imported: Imported) -> list[str]:
    """What to tell people; secrets are not in it."""
    company = imported.configuration
    counts = ", ".join(
        f"{len(things)} {name}"
        for name, things in (
            ("users", company.users),
            ("lines", company.lines),
            ("phones", company.phones),
            ("contacts", company.contacts),
            ("trunks", company.trunks),
            ("groups", company.groups),
            ("members", company.members),
        )
    )
    told = [f"imported: {counts}"]
    if imported.new_secrets:
        told.append(f"a SIP secret was made for: {', '.join(imported.new_secrets)} (an export shows it)")
    return told
