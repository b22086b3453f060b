"""Cisco IP phones: XML services, the status picture, and push (Cisco IP Phone Services)."""
