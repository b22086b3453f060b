"""Tests of the store: real SQLite files, a clock of their own."""
