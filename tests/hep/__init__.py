"""Tests of magroup.hep."""
