"""The whole picture: error against the number of active units, and against energy, of every family."""
