"""A backup is made beside a running server: the journal's files first, then the database at one moment."""

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from sqlalchemy import Connection, Table

from magroup.cli.backup.manifest import (
    FORMAT,
    KEPT,
    NAME,
    BackupError,
    Manifest,
    Rows,
    Stored,
    entry_of,
    is_journal,
    is_safe,
)
from magroup.store import StoreError
from magroup.store.dump import Sum, columns_of, lines_of, tables_of
from magroup.store.engine import snapshot
from magroup.store.schema import stored_version
from magroup.version import VERSION

PIECE = 1 << 20


def make_backup(data: Path, url: str, target: Path, left_out: list[str]) -> Manifest:
    """Write ``target``, for its owner only, as a whole or not at all. Raises BackupError, StoreError, OSError.

    ``left_out`` gets a line for each thing that is no file. A call that ends meanwhile is in the journal's files or in
    the database, or in both, which does no harm.
    """
    file, name = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
    try:
        with open(file, "w+b") as stream:
            with ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=6) as archive:
                manifest = _fill(archive, data, url, left_out)
            stream.flush()
            os.fsync(file)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
    return manifest


def _fill(archive: ZipFile, data: Path, url: str, left_out: list[str]) -> Manifest:
    made_at = time.time()
    files: dict[str, Stored] = {}
    for journal in sorted(path.name for path in data.iterdir() if is_journal(path.name)):
        for name, path in _files(data, journal, left_out):
            _put_file(archive, name, path, files)
    with snapshot(url) as connection:
        # What is referred to by rows is there before they are read, or comes after: both are looked for.
        for folder in KEPT:
            for name, path in _files(data, folder, left_out):
                _put_file(archive, name, path, files)
        version = stored_version(connection)
        if not version:
            raise StoreError("there is nothing in the database")
        rows = {str(table.name): _put_table(archive, connection, table) for table in tables_of(connection)}
    for folder in KEPT:
        for name, path in _files(data, folder, []):
            if name not in files:
                _put_file(archive, name, path, files)
    manifest = Manifest(FORMAT, VERSION, version, made_at, rows, files)
    archive.writestr(NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def _put_table(archive: ZipFile, connection: Connection, table: Table) -> Rows:
    put = Sum()
    with archive.open(entry_of(table.name), "w", force_zip64=True) as entry:
        for line in lines_of(connection, table):
            put.add(line)
            entry.write(line + b"\n")
    return Rows(columns_of(table), put.rows, put.text)


def _files(data: Path, folder: str, left_out: list[str]) -> Iterator[tuple[str, Path]]:
    """Those of a folder, by their names in the archive. What begins with a dot is half written."""
    for root, folders, names in os.walk(data / folder):
        for name in sorted(names):
            path = Path(root, name)
            shown = path.relative_to(data).as_posix()
            if name.startswith("."):
                continue
            if is_safe(shown) and path.is_file():
                yield shown, path
            else:
                left_out.append(shown)
        for name in folders:
            if Path(root, name).is_symlink():
                left_out.append(Path(root, name).relative_to(data).as_posix())


def _put_file(archive: ZipFile, name: str, path: Path, files: dict[str, Stored]) -> None:
    """As long as it is now: more may be written to it meanwhile. One that has gone is left out."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return
    with stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BackupError(f"{path} is no file any more")
        left, seen, digest = status.st_size, 0, hashlib.sha256()
        with archive.open(name, "w", force_zip64=True) as entry:
            while left and (piece := stream.read(min(PIECE, left))):
                entry.write(piece)
                digest.update(piece)
                left -= len(piece)
                seen += len(piece)
    files[name] = Stored(seen, digest.hexdigest())
