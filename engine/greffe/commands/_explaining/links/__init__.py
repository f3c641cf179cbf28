"""The links of a chain, one module for each thing that must hold: each from rows of Moodle's and from tonight's plan."""
