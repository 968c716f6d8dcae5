"""Tests on a real account, for whoever has one: each says which variables it needs, and is skipped without them."""
