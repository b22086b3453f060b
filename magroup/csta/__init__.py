"""CSTA III in XML (ECMA-323, ECMA-354) over TCP: the codec without I/O, and the switch offered to other programs."""
