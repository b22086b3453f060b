"""How much may be sent to the administration before its pages are there."""

from sys import maxsize
from types import SimpleNamespace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.admin.opening import AdminOpening
from magroup.web.identity import Identity

HOME = "/Applications/inbound/MA%20Group/"


class BodyLimit(SynchronousTestCase):
    """Nothing is read yet."""

    def setUp(self) -> None:
        parts: Any = SimpleNamespace(in_thread=lambda work: Deferred())
        nothing: Any = None
        self.opening = AdminOpening(parts, nothing, HOME)

    def test_below_home(self) -> None:
        identity = Identity("Maria.Rossi", frozenset(), "127.0.0.1")
        for path in (HOME + "users/files?x=1", HOME.lower() + "anything", "/applications/inbound/ma group/"):
            self.assertEqual(self.opening.body_limit(path.encode(), lambda: identity), maxsize)
            self.assertEqual(self.opening.body_limit(path.encode(), lambda: None), 0)

    def test_elsewhere(self) -> None:
        for path in (b"/api/v1/users", b"/applications/inbound/other/users", b"/"):
            self.assertEqual(self.opening.body_limit(path, lambda: self.fail("nobody is asked for")), 0)
