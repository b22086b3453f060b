"""Tests of the XML services."""
