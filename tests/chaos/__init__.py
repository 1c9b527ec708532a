"""Random checks: the parts of the kit under kill -9, torn connections and races, counted by code of their own."""
