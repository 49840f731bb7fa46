"""The rules on a chain: each is data, a ``RuleInfo``, and a pure function that finds the cases."""
