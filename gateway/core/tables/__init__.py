"""Front-end databases (前置库): documents as rows of exchange tables that a region owns, and rows as documents."""
