"""Hostile input on the way in, and hostile names on the way out."""
