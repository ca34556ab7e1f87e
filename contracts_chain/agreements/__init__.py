"""What is agreed: typed terms, rules, templates, lifecycle, numbering, ceremony.

Everything here is pure. Modules are imported by name; the package exports nothing.
"""
