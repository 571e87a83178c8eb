"""How the simulated regional systems speak: one module a layout, written from its documents and not by its adapter."""
