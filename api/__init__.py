"""The composition root: settings, wiring, command line, HTTP routes, pages, worker.

Everything that knows more than one adapter stands here, and nothing else does.
"""
