"""Model servers: one protocol, an adapter per kind of endpoint, a decoder and a reader per API format."""
