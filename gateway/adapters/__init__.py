"""What converts: the adapters in service as this process knows them, and where untrusted ones are judged."""
