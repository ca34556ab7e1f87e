"""One module a migration, never edited once released."""
