"""The kept inputs of ``tests.fuzz.targets.sip_bodies``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import sip_bodies


class Fuzz(case.FuzzCase):
    target = sip_bodies.TARGET
