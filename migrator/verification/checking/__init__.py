"""The parts of a check: what each looks at, what it found, and what it need not look at again."""
