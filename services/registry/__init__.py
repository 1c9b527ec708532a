"""Registry: units, persons, the calendar; projects from proposal to closing; campaigns, inspections, brands."""
