"""Simulated Cisco IP phones, as strict as real ones and stricter, for tests and for load."""

from magroup.cli.simulated_phone.effects import Effect, Outcome
from magroup.cli.simulated_phone.explorer import Explored, Explorer, Visit
from magroup.cli.simulated_phone.faults import Failing, Fault
from magroup.cli.simulated_phone.handset import Handset
from magroup.cli.simulated_phone.models import MODELS, PhoneModel
from magroup.cli.simulated_phone.pages import Field, Item, Page, SoftKey
from magroup.cli.simulated_phone.reading import read_page, read_pushed
from magroup.cli.simulated_phone.refusal import Refusal, Rule, Shown
from magroup.cli.simulated_phone.schema import schema
from magroup.cli.simulated_phone.web_server import PhoneWebServer

__all__ = [
    "MODELS", "Effect", "Explored", "Explorer", "Failing", "Fault", "Field", "Handset", "Item", "Outcome", "Page",
    "PhoneModel", "PhoneWebServer", "Refusal", "Rule", "Shown", "SoftKey", "Visit", "read_page", "read_pushed",
    "schema",
]  # fmt: skip
