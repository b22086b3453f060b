"""All rows of a database as lines of JSON, and back, in whichever kind of database: for backups and for moving."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Integer, MetaData, Table, delete, func, insert, inspect, select, text

from magroup.store.errors import StoreError
from magroup.store.schema import migrate

AT_ONCE = 500
"""Rows that are read, or put in, together."""

LONGEST_LINE = 4 << 20
"""Bytes of a row."""

_MODULUS = 1 << 256


@dataclass
class Sum:
    """How many rows there were, and a sum over them that is the same in whatever order they came."""

    rows: int = 0
    digest: int = 0

    def add(self, line: bytes) -> None:
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(line).digest())) % _MODULUS

    @property
    def text(self) -> str:
        return f"{self.digest:064x}"


def tables_of(connection: Connection) -> list[Table]:
    """Those that there are, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def columns_of(table: Table) -> list[str]:
    """The order of the values in a line."""
    return sorted(str(column.name) for column in table.columns)


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Each row as a JSON list, without a line end."""
    columns = [table.columns[name] for name in columns_of(table)]
    statement = select(*columns).execution_options(stream_results=True, yield_per=AT_ONCE)
    for row in connection.execute(statement):
        yield msgspec.json.encode(tuple(row))


def put_lines(connection: Connection, table: Table, columns: list[str], lines: Iterable[bytes]) -> Sum:
    """Put rows into an empty table; what was put in. Raises StoreError for a line that is none of its rows."""
    if columns != columns_of(table):
        raise StoreError(f"table {table.name} has other columns than its rows")
    put, waiting = Sum(), iter(lines)
    while some := list(islice(waiting, AT_ONCE)):
        rows = []
        for line in some:
            rows.append(row_of(columns, line, table.name))
            put.add(line)
        connection.execute(insert(table), rows)
    _go_on_counting(connection, table)
    return put


def sum_of(connection: Connection, table: Table) -> Sum:
    """Of what is in the table."""
    found = Sum()
    for line in lines_of(connection, table):
        found.add(line)
    return found


def make_empty_tables(connection: Connection, version: str) -> list[Table]:
    """The tables of a schema's version in a database without any. Raises StoreError."""
    if inspect(connection).get_table_names():
        raise StoreError("the database is not empty: nothing is ever put over what is there")
    migrate(connection, version)
    tables = tables_of(connection)
    for table in reversed(tables):
        connection.execute(delete(table))
    return tables


def row_of(columns: list[str], line: bytes, table: str) -> dict[str, Any]:
    """The values of a line by their columns. Raises StoreError for one that is none of the table's rows."""
    try:
        values = msgspec.json.decode(line, type=list[str | float | int | bool | None])
    except (msgspec.DecodeError, RecursionError):
        raise StoreError(f"table {table}: a line is none of its rows") from None
    if len(values) != len(columns):
        raise StoreError(f"table {table}: a row has {len(values)} values in place of {len(columns)}")
    return dict(zip(columns, values, strict=True))


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL's sequences know nothing of the ids that were put in."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, keys[0].name)))
    largest = connection.scalar(select(func.max(keys[0])))
    if sequence is not None and largest is not None:
        connection.execute(text("SELECT setval(:sequence, :largest)"), {"sequence": sequence, "largest": largest})
