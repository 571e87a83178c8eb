"""OUT and IN by table: the drivers of front-end databases, and the only place outside the store that holds SQL."""
