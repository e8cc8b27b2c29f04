"""Charts painted in the theme's colors: axes, lines, dots, bars and heat maps, each with its table."""
