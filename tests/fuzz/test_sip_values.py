"""The kept inputs of ``tests.fuzz.targets.sip_values``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import sip_values


class Fuzz(case.FuzzCase):
    target = sip_values.TARGET
