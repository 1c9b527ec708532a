"""A project from its proposal to its closing: what is decided, what it adds up to, how it is read."""
