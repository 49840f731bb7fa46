"""What the server says of the sessions that are at work: who waits for whom, and how far a statement has come."""
