"""The bench: nights of whole processes on durable servers, beside Moodle's own task and beside the physical limit."""
