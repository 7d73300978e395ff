"""Benchmarks are not tests: pytest leaves them alone, since micrograd may not be installed."""

collect_ignore_glob = ["*.py"]
