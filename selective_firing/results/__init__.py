"""What a simulation leaves behind: plain arrays, free of Brian2."""
