"""What outlives a restart: the tables and their migrations, configuration, state and journal."""

from magroup.store.configuration import load, ordered, replace_all
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.engine import database_url, once
from magroup.store.errors import RefusedError, StoreError
from magroup.store.schema import migrate
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
    "database_url",
    "load",
    "load_state",
    "migrate",
    "once",
    "ordered",
    "replace_all",
]
