"""VAT e-invoices (数电票) for electricity fees: arithmetic, rules, XML, and their renderings.

The XML is the original; PDF and OFD are renderings of it. Numbers come from the tax
system through a port; whatever our own simulator numbers is a specimen (样张) and says
so on every face. The room knows no contract beyond its number, and no chain.
"""
