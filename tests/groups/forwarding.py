"""Groups and masks for tests of forwarding."""

from magroup.cti.types import Cause, Party
from tests.groups.world import NAME
from tests.policy.company import (
    CALLER,
    MAILBOXES,
    MOBILES,
    NUMBER,
    members,
    to_number,
)

NOT_ANSWERED = Cause.CALL_NOT_ANSWERED
MOBILE, BOX, PILOT = MOBILES["Tij"], MAILBOXES["Tij"], "80000"
OUT = to_number("4321")
MASKS = {"caller_name": "%managerShortName%: %callerName%", "caller_number": "%managerNumber%*%callerNumber%"}
AS_RECEIVED = Party(CALLER, NAME, True)
MASKED = Party(f"{NUMBER}*{CALLER}", f"Tij: {NAME}", True)
SALES_TEAM = members("San", "Leo", manager="San", group_id=2, first_id=11)
