"""The tab Users: people, their lines and phones, contacts, trunks, and files with many of them (spec 6)."""

from magroup.web.admin.users.table import ROUTES

__all__ = ["ROUTES"]
