"""The kept inputs of ``tests.fuzz.targets.site``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import site


class Fuzz(case.FuzzCase):
    target = site.TARGET
