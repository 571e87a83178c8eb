"""What may happen to an application, and when."""
