"""Sample orders for the demo and the tests: invented people, firms and numbers."""
