"""The tests of magroup; ``tests/run`` runs them all."""

from hypothesis import HealthCheck, settings

# How long something takes says more of what else the machine does than of the test, and tests run on two databases.
settings.register_profile(
    "magroup", max_examples=50, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)  # fmt: skip
settings.load_profile("magroup")
