"""The main menu of phones and the services of the manual: people and their calls."""

from magroup.web.phone.menu.pages import PAGES

__all__ = ["PAGES"]
