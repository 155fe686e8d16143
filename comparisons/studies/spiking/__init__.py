"""What becomes of k when cells spike."""
