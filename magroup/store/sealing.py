"""Which key a database's secrets are encrypted with: found out, begun, and turned."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Table, Text, bindparam, delete, insert, inspect, select, type_coerce, update

from magroup.store import tables as t
from magroup.store.errors import StoreError
from magroup.store.key_file import read_keys, write_keys
from magroup.store.keyring import Keyring, SealedText, id_of, keys_in_use, use_keys
from magroup.store.schema import migrate

P = ParamSpec("P")
R = TypeVar("R")

_PLACE: Final = "sealing.proof"
_PROOF: Final = "magroup"


def key_of(connection: Connection) -> str:
    """The id of the key that the secrets are encrypted with; "" where none are, or in a database without such."""
    if not inspect(connection).has_table(t.sealing.name):
        return ""
    return str(connection.scalar(select(t.sealing.c.key_id)) or "")


def prepare(connection: Connection, path: Path) -> bool:
    """Bring schema and secrets to what this program wants, for a server or a command that puts data in.

    True when the schema was made or changed. The key file is made where there is none and no secret is encrypted yet:
    before the transaction ends, so that no database is ever without its key. Raises StoreError, with nothing changed.
    """
    changed = migrate(connection)
    with_keys(connection, path)
    if not key_of(connection):
        keyring = keys_in_use(connection)
        if keyring is None:
            keyring = Keyring.new()
            write_keys(path, keyring)
            use_keys(connection, keyring)
        _seal(connection, keyring)
    return changed


def with_keys(connection: Connection, path: Path) -> None:
    """Use the keys that there are, for a database that is there. Raises StoreError for lost or other ones."""
    id = key_of(connection)
    keyring = read_keys(path)
    if keyring is None:
        if id:
            raise StoreError(f"key file {path} is missing: passwords in the database are encrypted with the key {id}")
        return
    if id:
        if id not in keyring:
            raise StoreError(
                f"key file {path} is not that of this database, whose passwords are encrypted with the key {id}"
            )
        proof = connection.scalar(select(t.sealing.c.proof))
        if keyring.open(_PLACE, str(proof)) != _PROOF:
            raise StoreError(f"{_PLACE} is damaged")
    use_keys(connection, keyring)


def keyed(path: Path, work: Callable[Concatenate[Connection, P], R]) -> Callable[Concatenate[Connection, P], R]:
    """``work`` with the keys of the file, for commands on a database that is there."""

    def done(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with_keys(connection, path)
        return work(connection, *args, **kwargs)

    return done


def rotate(connection: Connection, path: Path) -> str:
    """Encrypt all secrets with a new key, which is put before the others in the key file; its id.

    The old keys stay in the file, for older backups. Raises StoreError; the database is as it was then.
    """
    prepare(connection, path)
    keyring = keys_in_use(connection)
    if keyring is None:
        raise StoreError(f"key file {path} is missing")
    new = keyring.turned()
    write_keys(path, new, over=True)
    use_keys(connection, new)
    _seal(connection, new)
    return new.id


def _seal(connection: Connection, keyring: Keyring) -> None:
    """Write all secrets anew; the first time, whatever they look like is what they are."""
    is_first = not key_of(connection)
    with _nothing_left(connection):
        _seal_all(connection, is_first, keyring)
    connection.execute(delete(t.sealing))
    connection.execute(insert(t.sealing), [{"key_id": keyring.id, "proof": keyring.seal(_PLACE, _PROOF)}])


@contextmanager
def _nothing_left(connection: Connection) -> Iterator[None]:
    """SQLite overwrites with zeros what was there before, instead of leaving it in the file's unused places."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = int(connection.exec_driver_sql("PRAGMA secure_delete").scalar() or 0)
    connection.exec_driver_sql("PRAGMA secure_delete = 1").close()
    yield
    connection.exec_driver_sql(f"PRAGMA secure_delete = {before}").close()


def _seal_all(connection: Connection, is_first: bool, keyring: Keyring) -> None:
    for table in t.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, SealedText)]
        if columns:
            _seal_table(connection, table, [column.name for column in columns], is_first, keyring)


def _seal_table(connection: Connection, table: Table, names: list[str], is_first: bool, keyring: Keyring) -> None:
    keys = [column.name for column in table.primary_key]
    # As they are stored: read as what they are they would be opened.
    as_stored = [type_coerce(table.c[name], Text).label(name) for name in names]
    rows = []
    for row in connection.execute(select(*(table.c[key] for key in keys), *as_stored)):
        texts = [_opened(f"{table.name}.{name}", getattr(row, name), is_first, keyring) for name in names]
        if any(texts):
            rows.append({f"key_{key}": getattr(row, key) for key in keys} | dict(zip(names, texts, strict=True)))
    if rows:
        where = [table.c[key] == bindparam(f"key_{key}") for key in keys]
        connection.execute(update(table).where(*where), rows)


def _opened(place: str, stored: str, is_first: bool, keyring: Keyring) -> str:
    return stored if is_first or not id_of(stored) else keyring.open(place, stored)
