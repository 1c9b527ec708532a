"""Plays a year over HTTP: a scenario file says who does what and how often; nothing of it stands in code."""
