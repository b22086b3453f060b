"""Several processes of one server, on the same ports: each a node, and one that starts them and is their bus."""
