"""What happens around projects: visits, difficulties, campaigns, cases, honours, metrics, the rhythm of a year."""
