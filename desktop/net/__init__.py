"""Addresses, origins, headers, proxies, TLS and connections."""
