"""The store of a gateway that runs as several processes: one PostgreSQL database, shared by all of them."""
