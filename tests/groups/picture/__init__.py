"""Tests of the picture of a group."""
