"""What a signer must read, for how long, in which order, and the words of the consent; all pure."""
