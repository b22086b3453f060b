"""Fuzzing: whatever the network or a file brings, what is promised holds; ``python -m tests.fuzz TARGET`` searches.

A target says by a property what may come of any bytes; its corpus, which is kept, has inputs that reach every line that
was ever reached, and all those that broke something once. The tests play these again, and some hundred new ones.
"""
