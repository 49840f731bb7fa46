"""What the files say: revision files read statically into a chain, and rules on it."""
