"""The kit: everything the services share. Nothing in here knows a service."""
