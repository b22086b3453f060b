"""Tests of calls that go on at another node."""
