"""The kept inputs of ``tests.fuzz.targets.sdp``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import sdp


class Fuzz(case.FuzzCase):
    target = sdp.TARGET
