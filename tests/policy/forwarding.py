"""Who forwards where, for tests of forwarding."""

from magroup.model.groups import Overflow
from magroup.model.presence import Presence
from tests.policy.company import (
    MAILBOXES,
    SALES,
    members,
    to_number,
)

AWAY, DND, GONE = Presence.AWAY, Presence.DND, Presence.UNAVAILABLE
NONE = Overflow()
MOBILE, RAFS_MOBILE, BOX = "0791111111", "0792222222", MAILBOXES["Tij"]
OUT = to_number("4321")
SALES_TEAM = members("San", "Leo", manager="San", group_id=2, first_id=11)
WITH_SALES = {"other": SALES, "other_team": SALES_TEAM}
