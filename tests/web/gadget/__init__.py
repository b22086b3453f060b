"""The gadget's page in a browser, against a server that says what a test wants it to say."""
