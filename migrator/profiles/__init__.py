"""Where and how carefully: DB_ and MIGRATOR_ settings become a Profile."""
