"""The life of an application (table of contents to come with the flow)."""
