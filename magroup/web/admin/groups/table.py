"""The pages of the tab Groups."""

from magroup.model.people import Privilege
from magroup.web.admin.groups import announcements, members, names, pages
from magroup.web.admin.tabs import GROUPS
from magroup.web.admin.visit import Route

_NAMES = (Privilege.GROUPS,)

ROUTES = (
    Route("groups", GROUPS, pages.show),
    Route("groups/options", GROUPS, pages.show, pages.save),
    Route("groups/new", GROUPS, names.new, names.add, _NAMES),
    Route("groups/rename", GROUPS, names.rename_page, names.rename, _NAMES),
    Route("groups/delete", GROUPS, names.delete_page, names.delete, _NAMES),
    Route("groups/announcements", GROUPS, announcements.page, announcements.change, _NAMES),
    Route("groups/sounds", GROUPS, announcements.upload_page, announcements.upload,
          (Privilege.GROUPS, Privilege.ADMIN), announcements.LARGEST + (1 << 16)),
    Route("groups/join", GROUPS, pages.show, members.join),
    Route("groups/member", GROUPS, pages.show, members.change),
    Route("groups/order", GROUPS, pages.show, members.order),
)  # fmt: skip
