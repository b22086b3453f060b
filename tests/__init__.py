"""The tests of magroup; ``tests/run`` runs them all."""
