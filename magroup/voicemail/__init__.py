"""Voicemail on the embedded switch: mailboxes, leaving a message, listening by phone."""
