"""Networks of the brain's kind: local rules, lateral inhibition that is learned, thresholds that keep rates."""
