"""Tools that models may call: servers and their consent, the record of calls, and the process that runs servers."""
