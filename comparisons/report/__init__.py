"""What is read of the claims in a browser."""
