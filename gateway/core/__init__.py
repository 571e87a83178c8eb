"""The rules: pure functions and frozen nouns, no I/O and no clock."""
