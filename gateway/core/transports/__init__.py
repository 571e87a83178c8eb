"""How deliveries reach a system that signs no receipts: what its adapter says of the way, and of its answers."""
