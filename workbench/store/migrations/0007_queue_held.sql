-- Holds its one row while the user holds back what waits.
CREATE TABLE queue_held (one INTEGER PRIMARY KEY CHECK (one = 1), since TEXT NOT NULL);
