"""The tab Calls: calls that are up, those of the journal, and the SIP messages of each."""

from magroup.web.admin.calls.table import ROUTES

__all__ = ["ROUTES"]
