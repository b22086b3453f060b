"""The menu Groups: creating, editing, joining and leaving them (the manual's "Groups" of the phone main menu)."""

from magroup.web.phone.groups.pages import PAGES

__all__ = ["PAGES"]
