"""What a team builds around this tool: a service on the same settings, and how to roll it out."""
