"""Opening a database: SQLite in WAL mode or PostgreSQL, and what its errors mean."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from magroup.store.errors import RefusedError, StoreError

P = ParamSpec("P")
R = TypeVar("R")

_SQLITE = "sqlite:///"

# What sqlite3 would find out for each value anew, which takes as long as to store three.
sqlite3.register_adapter(bool, int)

_NETWORK = {"connect_timeout": "5", "tcp_user_timeout": "10000", "keepalives_idle": "10", "keepalives_interval": "5",
            "keepalives_count": "3"}  # fmt: skip
"""What libpq is told unless the URL says otherwise: a server of which nothing is heard is gone within half a minute."""

BUSY_TIMEOUT = 5.0
"""Seconds that a transaction waits for another process that holds the SQLite file."""


def database_url(url: str, data: Path) -> str:
    """``url`` as set by the administrator, or the SQLite file in the data folder when empty."""
    return url or f"{_SQLITE}{data.absolute() / 'magroup.db'}"


def shown(url: str | URL) -> str:
    """The URL for people: a file's path for SQLite, else without the password."""
    made = make_url(url)
    if made.get_backend_name() == "sqlite":
        return str(made.database)
    return made.set(drivername=made.get_backend_name()).render_as_string(hide_password=True)


def open_engine(url: str, busy_timeout: float = BUSY_TIMEOUT, create: bool = True) -> Engine:
    """An engine for ``url``; StoreError for one that cannot be used. Connects only when it is used.

    A SQLite file that is missing is made, unless ``create`` is False, for its owner only: it holds SIP secrets.
    """
    if url.startswith(_SQLITE):
        return _sqlite(url.removeprefix(_SQLITE), busy_timeout, create)
    try:
        made = make_url(url)
        if made.get_backend_name() != "postgresql":
            raise StoreError("the database URL must begin with sqlite:/// or postgresql://")
        given = {name: value for name, value in _NETWORK.items() if name not in made.query}
        engine = create_engine(made.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=given)
    except (exc.ArgumentError, ValueError):
        raise StoreError("the database URL cannot be understood") from None
    except ModuleNotFoundError as error:
        raise StoreError(f"database {shown(url)}: {error.name} is missing; pip install 'magroup[postgresql]'") from None
    # Before SQLAlchemy asks anything: with SQL_ASCII it gets bytes and stumbles.
    event.listen(engine, "connect", partial(_check_encoding, shown(url)), insert=True)
    return engine


def _check_encoding(name: str, connection: Any, _record: object) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"database {name} has the encoding {encoding}: make one by createdb --encoding=UTF8 --template=template0"
        )


def _sqlite(file: str, busy_timeout: float, create: bool) -> Engine:
    if file in ("", ":memory:"):
        raise StoreError("a SQLite database needs a file: sqlite:////var/lib/magroup/magroup.db")
    try:
        os.close(os.open(file, os.O_RDONLY | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600))
    except OSError as error:
        raise StoreError(f"database {file} cannot be opened: {error.strerror}") from None
    # Not by a URL as text: a question mark in a path would begin its query.
    engine = create_engine(URL.create("sqlite", database=file), connect_args={"timeout": busy_timeout})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions are begun by _begin_sqlite: left to sqlite3, tables are made outside of them.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # One that read first and then wants to write is refused at once when another wrote in between.
    reading = connection.get_execution_options().get("magroup_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def told_as_store_errors(name: str) -> Iterator[None]:
    """Let SQLAlchemy's errors out as StoreError, one line with the database's ``name``; values are not in it."""
    try:
        yield
    except (exc.IntegrityError, exc.DataError) as error:
        raise RefusedError(f"database {name} refuses this: {_first_line(error.orig)}") from error
    except exc.DBAPIError as error:
        raise StoreError(f"database {name} cannot be used: {_first_line(error.orig)}") from error
    except exc.SQLAlchemyError as error:
        raise StoreError(f"database {name}: {_first_line(error)}") from error


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or ["unknown error"])[0]


def transaction(engine: Engine, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """``work(connection, ...)`` in one transaction, in this thread. Raises StoreError."""
    with told_as_store_errors(shown(engine.url)), engine.begin() as connection:
        return work(connection, *args, **kwargs)


def once(url: str, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Open the database, do ``work(connection, ...)`` in one transaction, close it: for commands. Blocks."""
    engine = open_engine(url)
    try:
        return transaction(engine, work, *args, **kwargs)
    finally:
        engine.dispose()


def look(url: str, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Like ``once`` for work that only reads a database that is there, beside a server that uses it."""
    engine = open_engine(url, create=False)
    try:
        return transaction(for_reading(engine), work, *args, **kwargs)
    finally:
        engine.dispose()


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """All of a database as it is at one moment, beside a server that uses it, read as long as it takes. Blocks."""
    engine = open_engine(url, create=False)
    reading = for_reading(engine)
    if engine.dialect.name == "postgresql":
        reading = reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with told_as_store_errors(shown(engine.url)), reading.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def for_reading(engine: Engine) -> Engine:
    """``engine`` for work that only reads: it waits for no writer."""
    return engine.execution_options(magroup_reading=True)
