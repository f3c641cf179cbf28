"""Files made by people: recognised, read line by line, and refused with the place where they are wrong."""
