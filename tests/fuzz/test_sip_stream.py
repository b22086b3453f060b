"""The kept inputs of ``tests.fuzz.targets.sip_stream``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import sip_stream


class Fuzz(case.FuzzCase):
    target = sip_stream.TARGET
