"""Keys in a call: pressed as telephone events (RFC 4733) or by INFO (RFC 6086), and heard from the other end."""

from typing import TYPE_CHECKING

from magroup.load.numbers import filled
from magroup.load.scenario import Digits
from magroup.rtp.telephone_event import DIGITS
from magroup.sip.info import DTMF_RELAY, relay_body
from magroup.sip.message import Response

if TYPE_CHECKING:
    from magroup.load.conversation import Conversation

PAUSE = ","
PAUSE_SECONDS = 1.0
KEY_SECONDS = 0.2
"""From one key to the next: what a telephone event and the silence after it take."""
MOST_HEARD = 100


def keys(text: str, number: str, other: str) -> str:
    """The keys in a text, in which ``{number}`` is the own one and ``{other}`` the other end's."""
    written = filled(text, number).replace("{other}", other).upper()
    return "".join(key for key in written if key in DIGITS or key == PAUSE)


class Keypad:
    """Of one end of an answered call; ``number`` is its own, ``other`` that of the other end."""

    def __init__(self, call: "Conversation", table: Digits, number: str, other: str) -> None:
        self._call = call
        self._by_info = table.by == "info"
        self._left = keys(table.send, number, other)
        self._wanted = keys(table.hear, number, other).replace(PAUSE, "")
        self._heard = ""

    def press(self) -> None:
        """Press the next key, and the others after it."""
        key, self._left = self._left[:1], self._left[1:]
        if key == PAUSE:
            self._call.after(PAUSE_SECONDS, self.press)
        elif key and self._by_info:
            self._call.session.send("INFO", relay_body(key), {"Content-Type": DTMF_RELAY}, self._answered)
        elif key and self._call.send_event(key):
            self._pressed()
        elif key:
            self._failed("no telephone events were agreed on")

    def _answered(self, response: Response) -> None:
        if response.status >= 300:
            self._failed(f"INFO: {response.status} {response.reason}")
        elif response.status >= 200 and not self._call.is_over:
            self._pressed()

    def _pressed(self) -> None:
        self._call.around.measures.count("digits_sent")
        self._call.after(KEY_SECONDS, self.press)

    def _failed(self, why: str) -> None:
        self._call.around.measures.count("digits_failed")
        self._call.around.measures.reason("digits", why)

    def heard(self, key: str) -> None:
        """The other end has pressed a key."""
        if len(self._heard) < MOST_HEARD:
            self._heard += key

    def judge(self) -> None:
        """The call is over: count whether the keys came that should."""
        if not self._wanted:
            return
        is_right = self._heard == self._wanted
        measures = self._call.around.measures
        measures.count("digits_right" if is_right else "digits_wrong")
        if not is_right:
            measures.reason("digits", f"{self._heard or 'nothing'} came in place of {self._wanted}")
