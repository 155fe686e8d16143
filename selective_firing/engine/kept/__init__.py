"""Networks of the numpy target: kept, and run by a loop of our own, on numbers where Brian2 takes arrays of one."""
