"""Small reusable widgets that do not depend on the rest of the program."""
