"""Alerts: lamps against schedule, the rules that raise and clear alerts, and notices with their deadlines."""
