"""The kept inputs of ``tests.fuzz.targets.sip_layers``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import sip_layers


class Fuzz(case.FuzzCase):
    target = sip_layers.TARGET
