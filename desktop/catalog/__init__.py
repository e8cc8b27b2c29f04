"""What is known of models: publisher, limits, parameters, price and life cycle."""
