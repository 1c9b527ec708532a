"""What units are asked for once: data requests, what is held already, the burden ledger."""
