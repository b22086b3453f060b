"""One database into another, of the other kind maybe, and compared: for who moves from SQLite to PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table

from magroup.store.dump import Sum, columns_of, lines_of, make_empty_tables, put_lines, sum_of, tables_of
from magroup.store.errors import StoreError
from magroup.store.schema import migrate, stored_version


@dataclass(frozen=True)
class Copied:
    """How much it was."""

    tables: int
    rows: int


def copy_database(source: Connection, target: Connection) -> Copied:
    """Put all rows of ``source`` into ``target``, which is empty, read them there again, and compare.

    Both are transactions of the caller. Raises StoreError: nothing is to be kept of ``target`` then.
    """
    version = stored_version(source)
    if not version:
        raise StoreError("there is nothing in the database that is to be copied")
    made = {table.name: table for table in make_empty_tables(target, version)}
    rows = 0
    for table in tables_of(source):
        if table.name not in made:
            raise StoreError(f"table {table.name} is of another program")
        read = Sum()
        put_lines(target, made[table.name], columns_of(table), _counted(source, table, read))
        check(target, made[table.name], read)
        rows += read.rows
    migrate(target)
    return Copied(len(made), rows)


def check(target: Connection, table: Table, wanted: Sum) -> None:
    """StoreError unless the table holds what it is to hold."""
    found = sum_of(target, table)
    if found != wanted:
        raise StoreError(f"table {table.name} holds {found.rows} rows that are not the {wanted.rows} that were put in")


def _counted(source: Connection, table: Table, read: Sum) -> Iterator[bytes]:
    for line in lines_of(source, table):
        read.add(line)
        yield line
