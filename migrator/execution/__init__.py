"""State, chain and goal become a plan, the plan becomes steps, the steps a report."""
