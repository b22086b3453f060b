"""Many rows at once, by statements that are compiled once."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Insert, Table, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler

from magroup.store.turns import parts

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

AT_ONCE = 50
"""Rows given to the database between two looks whether this thread's turn is over: a millisecond or two."""

Makes = Callable[[Table, Dialect], Insert]


def plain(table: Table, _dialect: Dialect) -> Insert:
    """Refused for rows that are there."""
    return insert(table)


def if_new(table: Table, dialect: Dialect) -> Insert:
    """Rows that are there stay as they are."""
    return _of_dialect(table, dialect).on_conflict_do_nothing()


def replacing(table: Table, dialect: Dialect) -> Insert:
    """Rows that are there become the new ones."""
    statement = _of_dialect(table, dialect)
    changes: dict[str, Any] = {
        column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key
    }
    if not changes:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)


def growing(table: Table, dialect: Dialect) -> Insert:
    """Rows that are there grow by the new ones; of their names the newest stays."""
    statement = _of_dialect(table, dialect)
    new = statement.excluded
    changes: dict[str, Any] = {
        column.name: new[column.name] if column.name == "name" else column + new[column.name]
        for column in table.columns
        if not column.primary_key
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], make: Makes = plain) -> None:
    """Rows have their values in the order of the table's columns.

    As ``connection.execute(make(table), rows)``, which takes longer for each row than the database does.
    """
    if not rows:
        return
    statement, has_names = _compiled(table, connection.dialect, make)
    names = table.columns.keys()
    for some in parts(rows, AT_ONCE):
        given = [dict(zip(names, row, strict=True)) for row in some] if has_names else list(some)
        connection.exec_driver_sql(statement, given)


def _of_dialect(table: Table, dialect: Dialect) -> "sqlite.Insert | postgresql.Insert":
    if dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


@lru_cache(maxsize=32)
def _compiled(table: Table, dialect: Dialect, make: Makes) -> tuple[str, bool]:
    """The statement's text, and whether its values have names; those that have none are in the columns' order."""
    compiled = make(table, dialect).compile(dialect=dialect)
    return str(compiled), not isinstance(compiled, SQLCompiler) or not compiled.positiontup
