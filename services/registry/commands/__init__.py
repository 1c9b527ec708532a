"""What may be asked of the registry: one module of models a phase of the work."""
