"""SIP: grammar, transports, transactions, dialogs, sessions, authentication, registration (RFC 3261 ...)."""
