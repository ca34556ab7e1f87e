"""The twelve steps of the recipe, one module each; ``evidence.verify`` runs them all."""
