-- One row a time a batch was begun. "job" is what was asked for, "progress" what it said last.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    state TEXT NOT NULL,                    -- running, done, stopped, failed
    process INTEGER NOT NULL,
    job TEXT NOT NULL,                      -- JSON
    progress TEXT NOT NULL DEFAULT '{}',    -- JSON
    problems TEXT NOT NULL DEFAULT '[]'     -- JSON: what concerns no article
);

-- What was found in a file, as long as the file and the way it is read stay the same.
CREATE TABLE files (
    location BLOB PRIMARY KEY,
    signature TEXT NOT NULL,
    articles TEXT NOT NULL                  -- JSON: ids, in order; an error in place of an id
) WITHOUT ROWID;

-- An article as it was read; another one where it reads otherwise.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    location BLOB NOT NULL,
    part TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    facts TEXT NOT NULL,                    -- JSON
    text BLOB NOT NULL,                     -- zlib, UTF-8
    UNIQUE (location, part, fingerprint)
);

-- What is asked and of which model: the part of a key that many pieces share.
CREATE TABLE arms (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    arm TEXT NOT NULL,                      -- JSON
    work TEXT NOT NULL                      -- JSON
);

-- A piece of work: what came of it stands in the row that says it is done.
CREATE TABLE pieces (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    arm INTEGER NOT NULL REFERENCES arms (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    run INTEGER NOT NULL,                   -- the last one that planned it
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    finished_at TEXT,
    result BLOB,                            -- zlib, JSON
    CHECK ((state = 'done') = (result IS NOT NULL))
);
CREATE INDEX pieces_unfinished ON pieces (state) WHERE state <> 'done';

-- What a run reports, in order: pieces may be of several runs, and of several articles.
CREATE TABLE links (
    run INTEGER NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL,
    arm INTEGER NOT NULL,
    piece INTEGER NOT NULL REFERENCES pieces (id),
    articles TEXT NOT NULL,                 -- JSON: ids, or what is known of what cannot be read
    PRIMARY KEY (run, place, arm)
) WITHOUT ROWID;
