"""The command line: import and export, load generator, traces, the shipped sounds, simulated phones."""
