"""Accounts put together: the admission of the web with its threads and its store, and the first administrator."""

import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.announcement import Announcement
from magroup.demo import login as demo
from magroup.lifecycle import AtStop, StartError
from magroup.model.clock import utc
from magroup.model.people import Privilege, User
from magroup.model.settings import Settings
from magroup.nodes import Nodes
from magroup.nodes_state import SharedAccessWriter, SharedAccounts, take_logins
from magroup.policy.editing import add_user
from magroup.store.access_writer import AccessWriter
from magroup.store.accounts import Accounts
from magroup.store.audit import record
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.turns import stand_back
from magroup.store.worker import Worker
from magroup.web.admission.admission import Admission, Means

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 2
"""In which passwords are compared; each takes 64 MiB while it is."""

NICE = 10

ADMIN = "admin"
PASSWORD_FILE = "initial-admin-password"


class _Patient(Worker):
    """Its threads, and those that argon2 begins in them, run when calls leave the processor alone."""

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await super().run(_patiently, partial(work, *args, **kwargs))


def _patiently(work: Callable[[], R]) -> R:
    stand_back(NICE)
    return work()


class AccountsPart:
    """``admission`` is there once it has started."""

    log = Logger()

    def __init__(
        self, reactor: Any, settings: Settings, folder: Path, database: Database, current: CurrentConfiguration,
        is_demo: bool, nodes: Nodes | None = None,
    ) -> None:  # fmt: skip
        self.admission: Admission
        self._reactor = reactor
        self._settings = settings
        self._file = folder / PASSWORD_FILE
        self._current = current
        self._database = database
        self._is_demo = is_demo
        self._nodes = nodes
        self._accounts = SharedAccounts(nodes.shared, database, current) if nodes else Accounts(database, current)
        self._writer = SharedAccessWriter(nodes.shared, database, reactor) if nodes else AccessWriter(database, reactor)
        self._threads = _Patient(reactor, "passwords", THREADS)
        self._has_file = False

    async def start(self, at_stop: AtStop, announcement: Announcement) -> None:
        """Raises StartError, StoreError."""
        self._threads.start()
        at_stop("passwords", self._threads.stop)
        at_stop("logins", self._writer.stop)
        limits = self._settings.accounts
        now = self._reactor.seconds()
        stored = await self._accounts.load(now, limits.session_idle, limits.session_lifetime)
        barred = frozenset() if self._is_demo else demo.known_hashes()
        self.admission = Admission(
            self._settings,
            Means(
                lambda: self._current.value, self._accounts, self._writer, self._threads, self._reactor.seconds,
                stored, barred, self._logged_in, lambda: utc(self._reactor),
            ),
        )  # fmt: skip
        if self._nodes is not None:
            take_logins(self._nodes.shared, self.admission, self._reactor)
        at_stop("users", self._current.subscribe(self.admission.configure))
        announcement.notes += await self._first_login(barred)

    def apply(self, settings: Settings) -> None:
        """Take over settings that have changed."""
        self.admission.apply(settings)

    def reason(self) -> str:
        """Why logins are not kept, "" where they are."""
        return "cannot be written, are kept and tried again" if self._writer.failing else ""

    async def _first_login(self, barred: frozenset[str]) -> list[str]:
        """What to tell people of how to log in; where nobody can, an administrator is made."""
        users = self._current.value.users
        self._has_file = self._file.exists()
        if self._is_demo:
            admin = self._current.value.user(demo.USER)
            is_known = admin is not None and admin.password_hash in demo.known_hashes()
            return [f"Log in to the web pages as {demo.USER}, password {demo.PASSWORD}", ""] if is_known else []
        if any(user.password_hash in barred for user in users):
            self.log.warn("the demo company's users cannot log in without --demo: everybody knows their password")
        if self._has_file and self._current.value.user(ADMIN) is not None:
            return [f"Log in to the web pages as {ADMIN} with the password in {self._file}"]
        if any(user.password_hash for user in users):
            return []
        if self._current.value.user(ADMIN) is not None:
            self.log.warn("nobody can log in to the web pages: no user has a password")
            return []
        return await self._make_admin()

    async def _make_admin(self) -> list[str]:
        password = secrets.token_urlsafe(15)
        hash = await self.admission.passwords.hashed(password)
        try:
            await self._threads.run(_write_private, self._file, password)
        except OSError as error:
            raise StartError(f"{self._file} cannot be written: {error.strerror}") from None
        self._has_file = True
        values = {
            "name": ADMIN, "last_name": "Administrator", "password_hash": hash, "privileges": frozenset(Privilege),
        }  # fmt: skip
        await self._current.edit(
            self._database, lambda configuration: add_user(configuration, values), record, self._reactor.seconds()
        )  # fmt: skip
        self.log.info("user {user} made, the password is in {file} until the first login",
                      user=ADMIN, file=str(self._file))  # fmt: skip
        return [f"Log in to the web pages as {ADMIN}, password {password}", f"(in {self._file} until you have)"]

    def _logged_in(self, user: User) -> None:
        if user.key == ADMIN and self._has_file:
            self._has_file = False
            removed = Deferred.fromCoroutine(self._threads.run(self._file.unlink, missing_ok=True))
            removed.addErrback(
                lambda failure: self.log.error("the initial password cannot be removed: {reason}",
                                               reason=failure.getErrorMessage())
            )  # fmt: skip


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
