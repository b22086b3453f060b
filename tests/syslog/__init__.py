"""Tests of magroup.syslog."""
