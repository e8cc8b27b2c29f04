"""The way to a server: proxies, certificates, names, connections, and why one could not be made."""
