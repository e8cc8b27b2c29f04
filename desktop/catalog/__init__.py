"""Facts about models: publisher, limits, parameters, prices and life cycle."""
