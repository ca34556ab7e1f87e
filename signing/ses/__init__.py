"""Seals and seal signatures of GB/T 38540-2020 under SM2 and SM3: made, read, judged in eight steps."""
