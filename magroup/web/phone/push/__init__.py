"""What phones are told unasked: /CGI/Execute by HTTP, or a REFER (Services Application Development Notes, "Push")."""
