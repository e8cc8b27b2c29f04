"""The messages of one conversation as they are read, streamed, copied and branched."""
