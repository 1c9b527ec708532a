"""The services: registry, scoring, alerts, reporting; each knows the shared kit and none of the others."""
