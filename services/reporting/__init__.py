"""Reporting: walls, totals, drill-down and bulletins, all counted from the others' events."""
