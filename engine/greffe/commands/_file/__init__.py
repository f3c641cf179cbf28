"""What commands do that take a file made by people: its lines understood, planned, carried out, told of."""
