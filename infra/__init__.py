"""What runs the services: the command line, the gateway, the local stack, topics."""
