"""What is tested on SQLite, on PostgreSQL: every test of these modules, in a class of its own."""

from types import ModuleType
from unittest import TestCase

from tests.reports import test_migration, test_numbers, test_properties, test_retention
from tests.store import (
    test_access,
    test_audit,
    test_configuration,
    test_saving,
    test_sealing,
    test_settings,
    test_shared,
    test_state_writer,
)
from tests.store.journal import test_rows, test_search

MODULES: tuple[ModuleType, ...] = (
    test_access, test_audit, test_configuration, test_saving, test_sealing, test_settings, test_shared,
    test_state_writer, test_rows, test_search, test_migration, test_numbers, test_properties, test_retention,
)  # fmt: skip


def _on_postgresql() -> None:
    for module in MODULES:
        for name, case in vars(module).items():
            if isinstance(case, type) and issubclass(case, TestCase) and case.__module__ == module.__name__:
                new = f"{name}OnPostgresql"
                globals()[new] = type(new, (case,), {"database_kind": "postgresql", "__module__": __name__})


_on_postgresql()
