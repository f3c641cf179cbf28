"""Who hears of a night: what is worth telling, in which words, and how it gets there."""
