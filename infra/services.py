"""The services that a deployment runs, in the order in which they are started and told of."""

SERVICES = ("registry", "scoring", "alerts", "reporting")
