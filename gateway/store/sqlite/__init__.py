"""The store of a gateway that runs as one process: a SQLite file, nothing to administer."""
