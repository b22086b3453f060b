"""Which tabs somebody sees (the manual's "Privileges"; Users, Calls and Switch are ours, spec 8)."""

from collections.abc import Collection

from magroup.model.fixed import fixed
from magroup.model.people import Privilege as P


@fixed
class Tab:
    """``name`` is its part of the address; of ``privileges`` any is enough."""

    name: str
    title: str
    privileges: tuple[P, ...]

    def is_for(self, privileges: Collection[str]) -> bool:
        return any(privilege.value in privileges for privilege in self.privileges)


SETTINGS = Tab("settings", "Settings", (P.SETTINGS,))
GROUPS = Tab("groups", "Groups", (P.GROUPS, P.MEMBERS_MANAGEMENT, P.ADMIN))
VIPS = Tab("vips", "VIP List", (P.VIP_LIST, P.ADMIN))
REPORTS = Tab("reports", "Reports", (P.REPORTS, P.REPORTS_4_EYES))
USERS = Tab("users", "Users", (P.USER_ADMINISTRATION,))
CALLS = Tab("calls", "Calls", (P.ADMIN,))
SWITCH = Tab("switch", "Switch", (P.ADMIN,))

TABS = (SETTINGS, GROUPS, VIPS, REPORTS, USERS, CALLS, SWITCH)
"""In their order."""


def tabs_for(privileges: Collection[str]) -> tuple[Tab, ...]:
    return tuple(tab for tab in TABS if tab.is_for(privileges))
