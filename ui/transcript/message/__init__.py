"""Display of one message: a row consists of slabs, and slabs consist of segments."""
