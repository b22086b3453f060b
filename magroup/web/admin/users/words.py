"""What privileges and languages are called on the pages."""

from magroup.model.people import Privilege

PRIVILEGES: tuple[tuple[Privilege, str], ...] = (
    (Privilege.SETTINGS, "Settings"),
    (Privilege.GROUPS, "Groups: make and set up the own ones"),
    (Privilege.MEMBERS_MANAGEMENT, "Members of the own groups"),
    (Privilege.TEAMMATE_STATUS, "Status of teammates"),
    (Privilege.VIP_LIST, "VIP lists"),
    (Privilege.REPORTS, "Reports"),
    (Privilege.REPORTS_4_EYES, "Reports with four eyes: a second person logs in as well"),
    (Privilege.REST_AUTHENTICATION, "REST services"),
    (Privilege.USER_ADMINISTRATION, "Users, lines, phones and contacts"),
    (Privilege.ADMIN, "Admin: all groups, calls and the switch"),
)
"""In the order of the form."""

LANGUAGES = (("", "As the site"), ("en", "English"), ("de", "Deutsch"), ("fr", "Français"))


def languages(current: str) -> list[tuple[str, str]]:
    """With the one that somebody has already."""
    known = [key for key, _ in LANGUAGES]
    return [*LANGUAGES, *([(current, current)] if current not in known else [])]
