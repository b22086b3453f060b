"""What phones are told unasked."""
