"""Units, persons, calendars: what everything else refers to."""
