"""A backup is read: looked through as a whole first, then put into a data folder and a database without anything."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from sqlalchemy import Connection

from magroup.cli.backup.manifest import BackupError, Manifest, entry_of, read_manifest
from magroup.data_folder import LOCK_FILE
from magroup.store import StoreError, once
from magroup.store.dump import LONGEST_LINE, Sum, make_empty_tables, put_lines, row_of, sum_of
from magroup.store.schema import SCHEMA_VERSION
from magroup.store.sealing import prepare

PIECE = 1 << 20
SQLITE_FILE = "magroup.db"
"""Whether it is empty is found out by who puts tables into it."""

SEALING = "sealing"
"""The table that says with which key secrets are encrypted."""

HALF = ".restoring"
"""The folder in a data folder that files are in until all of them are there."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """The archive and what it says that it holds. Raises BackupError, OSError."""
    try:
        with ZipFile(path) as archive:
            yield archive, read_manifest(archive)
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BackupError(f"it is damaged: {error}") from None


def look_through(archive: ZipFile, manifest: Manifest) -> str:
    """The id of the key of its secrets, "" for clear text; BackupError unless all is as it was written."""
    if manifest.schema > SCHEMA_VERSION:
        raise BackupError(f"it has schema {manifest.schema}, made by a newer magroup; this one knows {SCHEMA_VERSION}")
    for name, wanted in manifest.files.items():
        with archive.open(name) as entry:
            if _copied(entry, None, wanted.size) != (wanted.size, wanted.sha256):
                raise BackupError(f"it is damaged: {name}")
    key = ""
    for name, rows in manifest.tables.items():
        found = Sum()
        for line in _lines(archive, name):
            found.add(line)
            if name == SEALING:
                key = str(row_of(rows.columns, line, name).get("key_id", ""))
        if (found.rows, found.text) != (rows.rows, rows.sum):
            raise BackupError(f"it is damaged: table {name}")
    return key


def put_back(archive: ZipFile, manifest: Manifest, data: Path, url: str, key_file: Path) -> None:
    """Into a data folder that is held, and into a database without tables: both, or neither.

    The keys that its secrets are encrypted with must be in the key file; one is made for a backup without any.
    Raises BackupError, StoreError, OSError.
    """
    expected = {LOCK_FILE, key_file.name if key_file.parent == data else LOCK_FILE}
    there = [name for name in os.listdir(data) if not name.startswith((".", SQLITE_FILE)) and name not in expected]
    if there:
        raise BackupError(f"{data} is not empty ({there[0]}): nothing is ever put over what is there")
    had_file = (data / SQLITE_FILE).exists()
    half = data / HALF
    shutil.rmtree(half, ignore_errors=True)
    try:
        for name, wanted in manifest.files.items():
            path = half / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with archive.open(name) as entry, path.open("xb") as stream:
                os.chmod(path, 0o600)
                _copied(entry, stream, wanted.size)
                stream.flush()
                os.fsync(stream.fileno())
        once(url, _put_rows, archive, manifest, key_file)
        for folder in sorted(half.iterdir() if half.exists() else ()):
            folder.rename(data / folder.name)
    except BaseException:
        for path in () if had_file else data.glob(f"{SQLITE_FILE}*"):
            path.unlink()
        raise
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _put_rows(connection: Connection, archive: ZipFile, manifest: Manifest, key_file: Path) -> None:
    tables = {table.name: table for table in make_empty_tables(connection, manifest.schema)}
    if set(tables) != set(manifest.tables):
        raise StoreError(f"schema {manifest.schema} has other tables than the backup")
    for name, rows in manifest.tables.items():
        put_lines(connection, tables[name], rows.columns, _lines(archive, name))
        if sum_of(connection, tables[name]).text != rows.sum:
            raise StoreError(f"table {name} does not hold what was put in")
    prepare(connection, key_file)


def _lines(archive: ZipFile, table: str) -> Iterator[bytes]:
    with archive.open(entry_of(table)) as entry:
        while line := entry.readline(LONGEST_LINE + 1):
            if not line.endswith(b"\n"):
                raise BackupError(f"it is damaged: table {table}")
            yield line[:-1]


def _copied(entry: IO[bytes], stream: IO[bytes] | None, most: int) -> tuple[int, str]:
    """How many bytes there are, and their SHA-256; it ends as soon as there are more than ``most``."""
    size, digest = 0, hashlib.sha256()
    while size <= most and (piece := entry.read(PIECE)):
        size += len(piece)
        digest.update(piece)
        if stream is not None:
            stream.write(piece)
    return size, digest.hexdigest()
