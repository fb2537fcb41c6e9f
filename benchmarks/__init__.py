"""Measurements beside the peers that a user would pick instead; see docs/BENCHMARKS.md."""
