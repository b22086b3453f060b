"""What the service manager is told, over a real socket."""

import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sd_notify import ServiceManager


class ServiceManagerTests(SynchronousTestCase):
    """As systemd does it: a unix socket for datagrams, named in the environment."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mg-sd-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.clock = Clock()

    def bound(self, address: str) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.bind(address)
        made.setblocking(False)
        return made

    def manager(self, **environment: Any) -> ServiceManager:
        return ServiceManager.of({name: str(value) for name, value in environment.items()}, self.clock, 42)

    def said(self, by: socket.socket) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(by.recv(4096))
            except BlockingIOError:
                return found

    def test_from_beginning_to_end(self) -> None:
        to = self.bound(str(self.folder / "notify"))
        manager = self.manager(NOTIFY_SOCKET=self.folder / "notify", WATCHDOG_USEC=30_000_000, WATCHDOG_PID=42)
        self.assertEqual(self.said(to), [])
        manager.ready()
        self.assertEqual(self.said(to), [b"READY=1\nSTATUS=magroup runs", b"WATCHDOG=1"])
        self.clock.advance(14.9)
        self.assertEqual(self.said(to), [])
        self.clock.pump([0.1, 15])
        self.assertEqual(self.said(to), [b"WATCHDOG=1"] * 2)
        manager.stopping()
        self.assertEqual(self.said(to), [b"STOPPING=1\nSTATUS=magroup stops"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_abstract_socket(self) -> None:
        name = f"magroup-test-{os.getpid()}"
        to = self.bound(f"\0{name}")
        self.manager(NOTIFY_SOCKET=f"@{name}").ready()
        self.assertEqual(len(self.said(to)), 1)

    def test_watchdog_of_others(self) -> None:
        to = self.bound(str(self.folder / "notify"))
        for more in ({"WATCHDOG_USEC": 1, "WATCHDOG_PID": 1}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "-1"}, {}):
            self.manager(NOTIFY_SOCKET=self.folder / "notify", **more).ready()
            self.assertEqual((len(self.said(to)), self.clock.getDelayedCalls()), (1, []))

    def test_nobody(self) -> None:
        """Without a manager, and with one that has gone or has a kind of socket that there is not."""
        for environment in ({}, {"NOTIFY_SOCKET": self.folder / "gone"}, {"NOTIFY_SOCKET": "vsock:2:1234"}):
            manager = self.manager(**environment)
            manager.ready()
            manager.stopping()
        self.assertEqual(self.clock.getDelayedCalls(), [])
