"""What is kept apart from the facts: personal data and files, with the log of who read them."""
