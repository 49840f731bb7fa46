"""What is claimed about interrupted and simultaneous runs, tried on real servers; results in docs/reliability.md."""
