"""What the circuit is compared with: models, solvers, and textbook simulations."""
