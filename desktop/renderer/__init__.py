"""Child process that draws formulas and highlights code from untrusted text."""
