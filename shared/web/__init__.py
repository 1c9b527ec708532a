"""What the services' pages are made with: layout, components, static files, wording, headers."""
