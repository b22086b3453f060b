"""The whole server with real telephones around it."""
