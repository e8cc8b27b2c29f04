"""API formats: parse server replies into events, model lists and errors. Also the interface to the HTTP libraries."""
