"""One repository a table group; each takes the connection of the unit of work."""
