"""How the schema came to be, one file a step; run by `Store.migrate`. A step, once released, is never edited."""
