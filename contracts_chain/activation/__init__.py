"""The signer's will, checked apart: enrolment, codes, passkeys, releases, and the keys they release."""
