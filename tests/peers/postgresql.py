"""A PostgreSQL server of the tests' own, reached by a unix socket only; each test has a database of its own.

It starts when it is first asked for and ends with the process. As root it runs as the user postgres, for it refuses to
be root.
"""

import atexit
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import psycopg
from sqlalchemy import Connection, insert, select, text

from magroup.store import migrate
from magroup.store.engine import once
from magroup.store.tables import meta, metadata

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path())
SECONDS = 60.0
EMPTY, TEMPLATE = "template0", "magroup_template"
_OPTIONS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB")
_COUNTED_ANEW = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL"""
_names = itertools.count(1)


class Postgresql:
    """The server. ``stop`` it and ``start`` it as often as a test likes."""

    def __init__(self) -> None:
        """Make its files. Short paths: that of a socket has 107 characters at most."""
        self.folder = Path(tempfile.mkdtemp(prefix="mg-pg-"))
        atexit.register(self._end)
        self.user = "postgres" if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        self._process: subprocess.Popen[bytes] | None = None
        self._free: list[str] = []
        self._done("initdb", "--pgdata=data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
                   "--no-sync")  # fmt: skip
        self.start()
        self.make(TEMPLATE, EMPTY)
        once(self.url(TEMPLATE), migrate)
        self._meta = once(self.url(TEMPLATE), _meta_rows)

    def start(self) -> None:
        """Nothing is done where it runs."""
        if self._process is not None:
            return
        options = [word for option in _OPTIONS for word in ("-c", option)]
        command = [PROGRAMS / "postgres", "-D", "data", "-k", self.folder, *options]
        self._process = subprocess.Popen(
            command, cwd=self.folder, user=self.user, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"), start_new_session=True,
        )  # fmt: skip
        self._done("pg_isready", f"--host={self.folder}", f"--timeout={SECONDS:.0f}", until=True)

    def stop(self) -> None:
        """At once; connections break."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(SECONDS)

    def url(self, name: str) -> str:
        """Of the database with this name, as magroup takes it."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def make(self, name: str, template: str = TEMPLATE) -> None:
        self._say(f'CREATE DATABASE "{name}" TEMPLATE {template}')

    def lend(self) -> str:
        """The name of a database with the schema and nothing else; ``take_back`` it."""
        if self._free:
            return self._free.pop()
        name = new_name()
        self.make(name)
        return name

    def take_back(self, name: str) -> None:
        """Emptied, which takes less time than to make another one."""
        once(self.url(name), _emptied, self._meta)
        self._free.append(name)

    def drop(self, name: str) -> None:
        """Whoever uses it."""
        self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _say(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _done(self, program: str, *arguments: str, until: bool = False) -> None:
        """Run a program of the server's; ``until`` again and again, as long as the server has not come up."""
        while True:
            done = subprocess.run(
                [PROGRAMS / program, *arguments], cwd=self.folder, user=self.user, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=SECONDS,
            )  # fmt: skip
            if done.returncode == 0:
                return
            if not until or self._process is None or self._process.poll() is not None:
                log = (self.folder / "log").read_text() if (self.folder / "log").exists() else ""
                raise RuntimeError(f"{program}: {done.stderr.decode()}{log}")

    def _end(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@lru_cache(maxsize=1)
def server() -> Postgresql:
    """The one of this process."""
    if not PROGRAMS.name:
        sys.exit("postgresql is not installed: tests/run installs it")
    return Postgresql()


def _emptied(connection: Connection, meta_rows: list[dict[str, str]]) -> None:
    """As the migrations leave it: what they have put into ``meta`` stays."""
    # Few tables have rows, and few at that: TRUNCATE of them all takes several times as long.
    tables = [f'"{table.name}"' for table in reversed(metadata.sorted_tables)]
    full = " UNION ALL ".join(f"SELECT {at} WHERE EXISTS (SELECT FROM {table})" for at, table in enumerate(tables))
    for (at,) in sorted(connection.execute(text(full))):
        connection.execute(text(f"DELETE FROM {tables[at]}"))
    connection.execute(text(_COUNTED_ANEW))
    if meta_rows:
        connection.execute(insert(meta), meta_rows)


def _meta_rows(connection: Connection) -> list[dict[str, str]]:
    return [dict(row._mapping) for row in connection.execute(select(meta))]


def new_name() -> str:
    """Of a database that there is not yet."""
    return f"t{next(_names)}"
