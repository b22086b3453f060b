"""The settings of the voicemail: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class VoicemailSettings:
    """Voicemail on the embedded switch: mailboxes, and how messages are recorded."""

    pilot: str = setting(
        "",
        "Number of the voicemail, such as *97: calls diverted to it leave a message, callers of it listen to theirs; "
        "empty: there is no voicemail here, a mailbox is called at its own number.",
        check=rules.number_or_empty,
    )
    longest_message: int = setting(180, "Longest message.", unit="s", low=5, high=600)
    silence: int = setting(10, "Silence that ends a message.", unit="s", low=2, high=300)
    shortest_message: float = setting(
        1.0, "Shortest message that is kept; silence does not count.", unit="s", low=0.1, high=60
    )
    messages_per_box: int = setting(
        100, "Messages in a mailbox; further callers hear that it is full.", low=1, high=10_000
    )
    longest_greeting: int = setting(60, "Longest greeting that somebody may record.", unit="s", low=5, high=600)
    free_disk: int = setting(
        100, "Space left on the disk below which nothing is recorded.", unit="MiB", low=0, high=1 << 20
    )
