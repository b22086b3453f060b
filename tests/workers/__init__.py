"""Tests of several processes on the same ports."""
