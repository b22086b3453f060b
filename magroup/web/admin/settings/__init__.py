"""The tab Settings: what other programs are given, and every setting."""

from magroup.web.admin.settings.pages import ROUTES

__all__ = ["ROUTES"]
