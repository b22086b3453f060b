"""Tests of magroup.cluster."""
