"""One conversation with its model: header, transcript and figures."""
