"""The load tool: virtual phones and callers that put a SIP server to work, and what they measured."""
