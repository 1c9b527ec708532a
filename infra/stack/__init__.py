"""The local stack: a real broker and a real database as child processes, and the services on them."""
