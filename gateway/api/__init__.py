"""IN: HTTP requests to use cases, results to answers."""
