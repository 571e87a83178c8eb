"""Ways out to regional systems that sign no receipts."""
