"""Tests of what Cisco IP phones are served."""
