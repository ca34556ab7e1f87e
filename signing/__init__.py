"""Signatures as cryptography: keys, certificates, PAdES, CAdES, timestamps. Bytes in, bytes out.

The room knows no contract. Trust is always passed in, never found. pyHanko reports each
forged file and each offline signature as a warning with a traceback; here those are
findings and rules, so its loggers speak of errors only.
"""

import logging

from signing.asn1_lengths import mend_length_reading

for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.ERROR)

mend_length_reading()
