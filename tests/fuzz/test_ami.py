"""The kept inputs of ``tests.fuzz.targets.ami``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import ami


class Fuzz(case.FuzzCase):
    target = ami.TARGET
