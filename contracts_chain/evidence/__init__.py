"""What is proven: records, the transparency log, evidence packages and the recipe that checks them.

Pure: no socket, no clock, no database. Bytes and values in, verdicts and bytes out.
"""
