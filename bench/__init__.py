"""Benchmarks: every hot path beside the bare library calls it cannot avoid, in one run."""
