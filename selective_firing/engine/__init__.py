"""From a network to results: described, compiled or run in a borrowed session, verified, decoded."""
