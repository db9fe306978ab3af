"""What the queue costs beside training, busy and idle."""
