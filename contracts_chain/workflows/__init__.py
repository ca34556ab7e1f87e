"""The deeds that join the rooms, one module each, and the ports they need.

A deed reads, commits its intent, acts, and commits the outcome. It may be called
again at any time with the same arguments: what is done stays done once.
"""
