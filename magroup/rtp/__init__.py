"""RTP: announcements and tones to callers, what callers say and dial (RFC 3550, RFC 3551, RFC 4733)."""
