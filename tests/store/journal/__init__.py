"""Tests of the journal: real files, real databases, a real kill -9."""
