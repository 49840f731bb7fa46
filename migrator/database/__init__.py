"""What the server says and can do."""
