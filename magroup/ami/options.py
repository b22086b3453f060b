"""How an Asterisk is set up, as far as the link has to know it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pbx:
    """Where numbers are dialled (``context``), what phones' channels begin with, and where features are kept.

    ``forwarding`` and ``do_not_disturb`` are families of Asterisk's database, with the line's number as the key, as
    FreePBX has them; "" where the dialplan has none. ``trunk`` is the peer of the trunk to us, ``answers``: the phones
    obey the events talk and hold.
    """

    context: str = "from-internal"
    technology: str = "PJSIP"
    forwarding: str = "CF"
    do_not_disturb: str = "DND"
    trunk: str = ""
    answers: bool = False
