"""What the application imports: engine and sessions from the same profile."""
