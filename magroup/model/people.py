"""Users, their privileges, and contacts outside."""

from dataclasses import field
from enum import StrEnum

from magroup.model.fixed import fixed


class Privilege(StrEnum):
    """What a user may do; the names of the manual, and USER_ADMINISTRATION of our own pages."""

    SETTINGS = "Settings"
    GROUPS = "Groups"
    TEAMMATE_STATUS = "TeammateStatus"
    VIP_LIST = "VIPList"
    REPORTS = "Reports"
    REPORTS_4_EYES = "Reports4Eyes"
    ADMIN = "Admin"
    MEMBERS_MANAGEMENT = "MembersManagement"
    REST_AUTHENTICATION = "RESTAuthentication"
    USER_ADMINISTRATION = "UserAdministration"


@fixed
class User:
    """A person with an account; ``name`` is unique without case, ``lines`` are numbers, the first is the default."""

    id: int
    name: str
    first_name: str = ""
    last_name: str = ""
    department: str = ""
    email: str = ""
    picture: str = ""
    stars: int = 0
    language: str = ""
    password_hash: str = field(default="", repr=False)
    lines: tuple[str, ...] = ()
    mobile: str = ""
    voicemail: str = ""
    voicemail_pin_hash: str = field(default="", repr=False)
    privileges: frozenset[Privilege] = frozenset()

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return self.name.casefold()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.name


@fixed
class Contact:
    """An outside number with a name, a picture file and 0-5 stars."""

    id: int
    number: str
    name: str = ""
    picture: str = ""
    stars: int = 0
