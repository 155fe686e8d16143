"""What rivals share beside how they learn."""
