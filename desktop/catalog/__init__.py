"""Facts about models: publisher, limits, parameters, price and life cycle."""
