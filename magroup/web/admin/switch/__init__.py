"""The tab Switch: how the embedded switch stands, and why a number goes where it goes."""

from magroup.web.admin.switch.switching import Switching
from magroup.web.admin.switch.table import ROUTES

__all__ = ["ROUTES", "Switching"]
