"""Tests of magroup.outgoing."""
