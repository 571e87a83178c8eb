"""OUT: the client that carries deliveries to partners, and the directory of who they are."""
