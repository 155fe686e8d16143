"""What explaining away brings and costs."""
