"""The event package ``talk``: a phone is told to take the call of the dialog, as if its key were pressed (de facto)."""

from collections.abc import Callable

from magroup.sip.message import Response
from magroup.switch.leg import Leg


def talk(leg: Leg, refused: Callable[[int], None]) -> None:
    """Let the phone answer what rings, or take back what it holds; ``refused`` hears the status when it will not."""

    def answered(response: Response) -> None:
        if response.status >= 300:
            refused(response.status)

    leg.session.send("NOTIFY", headers={"Event": "talk", "Subscription-State": "active"}, answered=answered)
