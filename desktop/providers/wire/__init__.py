"""What servers send, as events, model lists and errors of ours; the seam to the libraries that carry it."""
