"""Sample letters of authority."""
