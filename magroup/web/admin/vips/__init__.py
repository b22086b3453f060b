"""The tab VIP List: the VIP numbers of managers."""

from magroup.web.admin.vips.pages import ROUTES

__all__ = ["ROUTES"]
