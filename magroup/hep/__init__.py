"""SIP messages for Homer and other readers of HEP 3 (the Homer Encapsulation Protocol)."""
