-- Offsets count characters (code points) of articles.text, as everywhere in the program.

CREATE TABLE articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice, so that an id means one article
    content_sha256 TEXT NOT NULL UNIQUE,    -- of the text's UTF-8, hexadecimal
    title TEXT,
    date TEXT,                              -- ISO 8601
    byline TEXT,
    source TEXT,
    script TEXT NOT NULL,
    wording TEXT,
    characters INTEGER NOT NULL,
    added_at TEXT NOT NULL,                 -- ISO 8601, UTC
    text TEXT NOT NULL                      -- last: what is before it is read without walking it
);
CREATE INDEX articles_date ON articles (date);
CREATE INDEX articles_source ON articles (source);

-- A file as it was when it was read. The same path with other bytes is another row.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,                   -- of all its bytes
    size INTEGER NOT NULL,                  -- bytes
    mtime_ns INTEGER,                       -- NULL where there is no file, as for standard input
    options TEXT NOT NULL,                  -- how it was read, as JSON
    complete INTEGER NOT NULL DEFAULT 0,    -- 1 once everything in it was added
    added_at TEXT NOT NULL,
    UNIQUE (path, sha256, options)
);
CREATE INDEX files_size ON files (size);

-- Where an article stands: in a file, or in one part of it.
CREATE TABLE occurrences (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    part TEXT NOT NULL DEFAULT '',          -- '' where the file is one article
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,                   -- of the file's bytes, or of the part's
    size INTEGER NOT NULL,
    format TEXT NOT NULL,
    encoding TEXT NOT NULL,                 -- how it was decoded, as JSON
    UNIQUE (file_id, part, article_id)      -- several where it came to be read otherwise
);
CREATE INDEX occurrences_article ON occurrences (article_id);

CREATE TABLE passages (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                -- from 1
    id TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences BLOB NOT NULL,                -- spans, see workbench/store/spans.py
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;

CREATE TABLE removals (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;

CREATE TABLE left_out (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;

CREATE TABLE findings (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    field TEXT NOT NULL,
    "where" TEXT NOT NULL,
    detail TEXT NOT NULL,
    start INTEGER,
    "end" INTEGER,
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;

CREATE TABLE tags (
    tag TEXT NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, article_id)
) WITHOUT ROWID;
CREATE INDEX tags_article ON tags (article_id);

CREATE TABLE collections (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);

CREATE TABLE collection_articles (
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,              -- ascending, with gaps where articles were taken out
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (collection_id, position),
    UNIQUE (collection_id, article_id)
) WITHOUT ROWID;
CREATE INDEX collection_articles_article ON collection_articles (article_id);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    task TEXT NOT NULL,
    model_name TEXT NOT NULL,
    model_sha256 TEXT,                      -- NULL where a server ran it
    model TEXT NOT NULL,                    -- all that identifies it, as JSON
    template_name TEXT NOT NULL,
    template_sha256 TEXT NOT NULL,
    template TEXT NOT NULL,                 -- all that identifies it, as JSON
    settings TEXT NOT NULL                  -- JSON
);

CREATE TABLE results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    headline TEXT NOT NULL,
    result TEXT NOT NULL,                   -- JSON, as docs/results.md describes it
    created_at TEXT NOT NULL
);
CREATE INDEX results_run ON results (run_id);

CREATE TABLE result_articles (
    result_id INTEGER NOT NULL REFERENCES results (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,              -- from 1, as the result names them
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (result_id, position)
) WITHOUT ROWID;
CREATE INDEX result_articles_article ON result_articles (article_id);

CREATE TABLE feedback (
    id INTEGER PRIMARY KEY,
    result_id INTEGER NOT NULL REFERENCES results (id) ON DELETE CASCADE,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    note TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL
);
CREATE INDEX feedback_result ON feedback (result_id);
