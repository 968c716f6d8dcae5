"""Providers as real servers in the test process: each is driven by its contract and notes every breach of it.

`stand` is what both are built from; `google` and `microsoft` are the towns.
"""
