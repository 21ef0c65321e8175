-- Work that waits for the model, runs, or has ended: the queue of the app, taken up again at the
-- next start.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    work TEXT NOT NULL,                     -- JSON: what is asked (workbench/tasks/work.py)
    article_ids TEXT NOT NULL,              -- JSON: ids of articles, in order
    title TEXT NOT NULL,                    -- what it is about, for lists
    model TEXT NOT NULL DEFAULT '',         -- '': the one in use when its turn comes
    state TEXT NOT NULL,                    -- waiting, running, done, failed or cancelled
    position REAL NOT NULL,                 -- order among those that wait
    error TEXT NOT NULL DEFAULT '',
    result_id INTEGER REFERENCES results (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT
);
CREATE INDEX jobs_state ON jobs (state, position);
CREATE INDEX jobs_result ON jobs (result_id);
