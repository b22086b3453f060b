"""Asterisk as the switch: its Manager Interface (AMI, as docs.asterisk.org describes it) behind the port of cti."""
