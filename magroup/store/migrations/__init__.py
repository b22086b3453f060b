"""The steps from one schema of the database to the next, run by ``magroup.store.schema`` with Alembic.

A change of ``tables.py`` needs a new file in ``versions`` and its revision in ``schema.SCHEMA_VERSION``.
"""
