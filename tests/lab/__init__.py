"""The test lab: real database servers behind one fixture, and fresh Moodle databases on them."""
