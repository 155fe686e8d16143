"""Studies, one folder each, with its command."""
