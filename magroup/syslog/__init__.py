"""The log and the audit trail as syslog messages (RFC 5424), to a receiver elsewhere or to this machine's own."""
