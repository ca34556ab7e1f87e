"""Contract texts as data, and the loader that proves them complete before use."""
