"""The composition root: settings to parts to a running gateway."""
