"""What the database itself remembers of its migrations: the ledger, its runs, and the journal of a cut revision."""
