"""The kept inputs of ``tests.fuzz.targets.sip_message``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import sip_message


class Fuzz(case.FuzzCase):
    target = sip_message.TARGET
