"""Several nodes as one: the bus between them and leases, and what is told over it."""
