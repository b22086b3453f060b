"""The administration as people use it."""
