"""Real servers and small false ones for the tests of adapters."""
