"""Who sent it and can they prove it: keys, tokens, receipts."""
