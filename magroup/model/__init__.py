"""What magroup knows: people, lines, groups, calls, presence, forwarding, numbers, as frozen dataclasses."""
