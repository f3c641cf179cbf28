"""What taking a run back would do: read from its journal, as a plan."""
