"""The kept inputs of ``tests.fuzz.targets.csta_server``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import csta_server


class Fuzz(case.FuzzCase):
    target = csta_server.TARGET
