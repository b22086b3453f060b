"""The gadget: its page in a browser, against a server that says what a test wants, and its socket."""
