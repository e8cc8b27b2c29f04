"""Display of one message: a row of slabs, which consist of segments."""
