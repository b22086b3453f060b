"""The kept inputs of ``tests.fuzz.targets.switch``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import switch


class Fuzz(case.FuzzCase):
    target = switch.TARGET
