"""Pictures of the window's main states, drawn off screen: `make shots`."""
