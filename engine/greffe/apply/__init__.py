"""Plans become rows: transactions, journal, undo."""
