"""What outlives a restart: the tables and their migrations, configuration, state and journal."""

from magroup.store.configuration import load, ordered, replace_all
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.engine import database_url, look, once
from magroup.store.errors import RefusedError, StoreError
from magroup.store.schema import check_version, migrate
from magroup.store.state import StoredState, load_state
from magroup.store.state_writer import StateWriter
from magroup.store.worker import Worker

__all__ = [
    "CurrentConfiguration",
    "Database",
    "RefusedError",
    "StateWriter",
    "StoreError",
    "StoredState",
    "Worker",
    "check_version",
    "database_url",
    "load",
    "load_state",
    "look",
    "migrate",
    "once",
    "ordered",
    "replace_all",
]
