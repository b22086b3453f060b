"""The kept inputs of ``tests.fuzz.targets.csta``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import csta


class Fuzz(case.FuzzCase):
    target = csta.TARGET
