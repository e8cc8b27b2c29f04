"""What is made of foreign text in a child process that may be ended: colours of code, formulas."""
