"""The circuits as Brian2 networks: equations beside the groups that they make."""
