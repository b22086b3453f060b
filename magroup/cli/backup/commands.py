"""``python -m magroup backup FILE``, ``restore FILE`` and ``copy-database URL``."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from magroup.cli.arguments import parsed
from magroup.cli.backup.making import make_backup
from magroup.cli.backup.manifest import BackupError, Manifest
from magroup.cli.backup.using import look_through, opened, put_back
from magroup.cli.data_arguments import data_folder, key_file_of, parser, settings_of, url_of
from magroup.data_folder import DataFolder, DataFolderError
from magroup.model.settings_reading import SettingsError
from magroup.store import StoreError, once
from magroup.store.copying import copy_database
from magroup.store.engine import shown, snapshot


def backup(arguments: Sequence[str]) -> int:
    """Make a backup and read it again; 0, or 1 with a line that says why not. The server may run."""
    made = parser("backup", "Write all that the server keeps into one file, and look through it.")
    made.add_argument("file", metavar="FILE", type=Path, help="new file (ZIP)")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options

    def work() -> str:
        settings = settings_of(options)
        left_out: list[str] = []
        make_backup(data_folder(settings), url_of(settings), options.file, left_out)
        with opened(options.file) as (archive, manifest):
            key = look_through(archive, manifest)
        for name in left_out:
            print(f"magroup: {name} is no file and is not in the backup", file=sys.stderr)
        return f"{options.file}: {in_words(manifest)}, looked through\n{keys_in_words(key)}"

    return _told(f"the backup {options.file}", work)


def restore(arguments: Sequence[str]) -> int:
    """Put a backup into an empty data folder and database; 0, or 1 with a line that says why not."""
    made = parser("restore", "Put a backup into a data folder, and a database, without anything in them.")
    made.add_argument("file", metavar="FILE", type=Path, help="backup")
    made.add_argument("--check", action="store_true", help="only look through the file")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options

    def work() -> str:
        with opened(options.file) as (archive, manifest):
            key = look_through(archive, manifest)
            if options.check:
                return f"{options.file}: {in_words(manifest)}, looked through\n{keys_in_words(key)}"
            settings = settings_of(options)
            folder = DataFolder.take(data_folder(settings))
            try:
                put_back(archive, manifest, folder.path, url_of(settings), key_file_of(settings))
            finally:
                folder.release()
        return f"{options.file}: {in_words(manifest)}, put into {folder.path}"

    return _told(f"the backup {options.file}", work)


def copy(arguments: Sequence[str]) -> int:
    """Copy the server's database into another one; 0, or 1 with a line that says why not. The server must not run."""
    made = parser("copy-database", "Copy the database of the data folder into an empty one, and compare them.")
    made.add_argument("target", metavar="URL", help="empty database: postgresql://..., or sqlite:///FILE")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options

    def work() -> str:
        settings = settings_of(options)
        # What is written meanwhile would be lost.
        folder = DataFolder.take(data_folder(settings))
        try:
            with snapshot(url_of(settings)) as source:
                copied = once(options.target, lambda target: copy_database(source, target))
        finally:
            folder.release()
        return f"{shown(options.target)}: {copied.tables} tables, {copied.rows} rows, compared"

    return _told("the database", work)


def in_words(manifest: Manifest) -> str:
    """How much is in it."""
    rows = sum(table.rows for table in manifest.tables.values())
    size = sum(file.size for file in manifest.files.values())
    return f"{len(manifest.tables)} tables, {rows} rows, {len(manifest.files)} files ({size / 1e6:.1f} MB)"


def keys_in_words(key: str) -> str:
    """What else is needed to use it."""
    if not key:
        return "passwords of lines, trunks and phones are in it in clear text"
    return f"passwords are in it encrypted with the key {key}: keep the key file too, which is not in it"


def _told(what: str, work: Callable[[], str]) -> int:
    try:
        print(work())
    except BackupError as error:
        print(f"magroup: {what} cannot be used: {error}", file=sys.stderr)
    except (SettingsError, DataFolderError, StoreError) as error:
        print("\n".join(f"magroup: {line}" for line in str(error).splitlines()), file=sys.stderr)
    except OSError as error:
        print(f"magroup: {error.filename or what}: {error.strerror}", file=sys.stderr)
    else:
        return 0
    return 1
