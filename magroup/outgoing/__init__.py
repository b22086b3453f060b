"""What is sent out one way, to receivers that may be away: a bounded queue, and the wires that take from it."""
