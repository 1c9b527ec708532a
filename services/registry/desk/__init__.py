"""The desks: the pages on which people work, under `/registry/desk`."""
