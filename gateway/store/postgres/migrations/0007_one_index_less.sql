-- What is due is found by `deliveries_ready` where it heads its line, by `deliveries_behind` where it does not, and by
-- `deliveries_due_by_id` in lists. This takes away a fourth index of it, which no statement reads and all had to write.

-- step: nobody asks for it
DROP INDEX deliveries_due;
