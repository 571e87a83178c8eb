"""A log that nobody, its own operator included, can rewrite unseen (RFC 6962, C2SP)."""
