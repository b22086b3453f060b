"""Many rows at once, in less time than SQLAlchemy takes for each; rows that are there may stay, or grow."""

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler


class IfThere(Enum):
    """What becomes of a row whose key is in the table already."""

    REFUSE = "refuse"
    STAY = "stay"
    GROW = "grow"
    """The new numbers are added to its own, and the new texts stay."""


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], if_there: IfThere = IfThere.REFUSE
) -> None:  # fmt: skip
    """Rows have their values in the order of the table's columns."""
    if not rows:
        return
    statement, has_names = _compiled(table, if_there, connection.dialect)
    if has_names:
        names = table.columns.keys()
        connection.exec_driver_sql(statement, [dict(zip(names, row, strict=True)) for row in rows])
    else:
        connection.exec_driver_sql(statement, list(rows))


@lru_cache(maxsize=16)
def _compiled(table: Table, if_there: IfThere, dialect: Dialect) -> tuple[str, bool]:
    """The statement's text, and whether its values have names; those that have none are in the columns' order."""
    new = sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)
    if if_there is IfThere.STAY:
        new = new.on_conflict_do_nothing()
    elif if_there is IfThere.GROW:
        changes: dict[str, Any] = {
            column.name: (new.excluded[column.name] if isinstance(column.type, Text)
                          else column + new.excluded[column.name])
            for column in table.columns
            if not column.primary_key
        }  # fmt: skip
        new = new.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
    compiled = new.compile(dialect=dialect)
    return str(compiled), not isinstance(compiled, SQLCompiler) or not compiled.positiontup
