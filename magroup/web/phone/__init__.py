"""Cisco IP phones: XML services, the status picture, and push (Cisco Unified IP Phone Services Application Development Notes)."""
