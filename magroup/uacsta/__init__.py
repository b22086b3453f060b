"""uaCSTA: CSTA in SIP dialogs (ECMA TR/87), where ``sip`` and ``csta`` meet; both sides of it."""
