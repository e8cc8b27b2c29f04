"""Export formats of other programs: one module per program, and modules that several of them share."""
