"""HTTP routes, one module a counter; each only translates between HTTP and a deed."""
