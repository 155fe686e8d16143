"""What is checked before anything is done: single arguments, and arrays; errors name the argument, rule and value."""
