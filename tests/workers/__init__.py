"""Tests of magroup.workers."""
