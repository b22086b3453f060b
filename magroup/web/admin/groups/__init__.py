"""The tab Groups: groups with their options, announcements and members."""

from magroup.web.admin.groups.table import ROUTES

__all__ = ["ROUTES"]
