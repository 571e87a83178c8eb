"""What our figures are held against: the least that could do the job, and the way a textbook would do it."""
