"""Tools that models call: servers of the Model Context Protocol, and the process that runs them."""
