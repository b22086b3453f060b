"""SIP: grammar, transactions, transports, dialogs, sessions, authentication, registration (RFC 3261 and its companions)."""
