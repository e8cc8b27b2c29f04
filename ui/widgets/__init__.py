"""Small reusable widgets that know nothing about the program."""
