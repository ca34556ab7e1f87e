"""Document model to PDF: pages, fonts, seals as drawings, page images.

Bytes out, same bytes for the same inputs. The room knows no contract and no key.
"""
