"""Two SQL schemas: `chain` is derived and droppable, `app` is ours to back up."""
