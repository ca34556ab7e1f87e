"""How a person proves who it is before it signs, and which proof suffices for whom."""
