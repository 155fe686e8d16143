"""What explaining away by lateral synapses brings and costs, with and without the free lunches."""
