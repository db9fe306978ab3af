"""Whether the lessons are true: every arm is trained, and each verdict held against what the lesson
says is to be expected."""
