"""One message on the screen: a row of slabs, each of segments."""
