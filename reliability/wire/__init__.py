"""The two wire protocols, as far as needed to stop a conversation at any statement."""
