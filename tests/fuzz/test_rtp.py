"""The kept inputs of ``tests.fuzz.targets.rtp``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import rtp


class Fuzz(case.FuzzCase):
    target = rtp.TARGET
