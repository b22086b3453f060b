"""The gadget: the live page of a group's calls for browsers, Jabber, Webex and the operator console."""
