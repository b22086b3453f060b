"""What the settings say of telephone numbers: how they are written, and which are services."""

from dataclasses import asdict

from magroup.model.numbers import NumberPlan
from magroup.model.service_numbers import ServiceNumbers
from magroup.model.settings import NumbersSettings, Settings


def plan_of(settings: NumbersSettings) -> NumberPlan:
    """How numbers are written, from the settings of that name."""
    return NumberPlan(**asdict(settings))


def codes_of(settings: Settings) -> tuple[str, ...]:
    """The service codes that are set."""
    return tuple(filter(None, (settings.calls.pickup_code,)))


def services_of(settings: Settings) -> ServiceNumbers:
    """The numbers of services, which nobody else may have."""
    return ServiceNumbers(codes_of(settings), settings.voicemail.pilot)
