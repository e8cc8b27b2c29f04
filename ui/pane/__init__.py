"""One conversation with its model: header, transcript, figures and composer."""
