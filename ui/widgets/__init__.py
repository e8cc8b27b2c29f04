"""Small reusable parts that know nothing of the program."""
