"""Properties on a machine that has other things to do."""

from hypothesis import HealthCheck, settings

BUSY = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
