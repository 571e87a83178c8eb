"""The `tongban` command."""
