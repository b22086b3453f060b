"""The kept inputs of ``tests.fuzz.targets.files``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import files


class Fuzz(case.FuzzCase):
    target = files.TARGET
