"""Benchmarks are no tests: pytest leaves them alone, for micrograd may not be installed."""

collect_ignore_glob = ["*.py"]
