"""The kept inputs of ``tests.fuzz.targets.websocket``, and new ones."""

from tests.fuzz import case
from tests.fuzz.targets import websocket


class Fuzz(case.FuzzCase):
    target = websocket.TARGET
