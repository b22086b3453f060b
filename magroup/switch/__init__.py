"""The embedded SIP switch: registrar and back-to-back user agent behind the CTI port."""
