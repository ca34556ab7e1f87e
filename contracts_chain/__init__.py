"""The domain: what is agreed, what is proven, what is billed."""
