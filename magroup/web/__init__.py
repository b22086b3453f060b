"""The web site: status page, help, health and metrics; administration, REST, phone services and gadget join it."""
