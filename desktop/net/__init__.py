"""Networking: addresses, origins, headers, proxies, TLS and connections."""
