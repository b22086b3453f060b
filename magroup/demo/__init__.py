"""The demo: SIP phones inside the process that register, call each other and answer."""
