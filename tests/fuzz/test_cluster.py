"""The kept inputs of ``tests.fuzz.targets.cluster``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import cluster


class Fuzz(case.FuzzCase):
    target = cluster.TARGET
