"""The tab Calls: calls that are up, those of the journal, and the SIP messages of each."""
