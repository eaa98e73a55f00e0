"""What messages of several owners are made of."""
