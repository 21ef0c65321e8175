-- Some hashes of each article's shingles, see workbench/store/sketches.py: articles that share
-- several may be copies of each other.
CREATE TABLE near_duplicate_sketches (
    value INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (value, article_id)
) WITHOUT ROWID;

-- Pairs of near-duplicates, the later article first, and how alike they are.
CREATE TABLE near_duplicate_pairs (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    earlier_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    jaccard REAL NOT NULL,                  -- shared shingles of all shingles of both
    containment REAL NOT NULL,              -- shared shingles of those of the one with fewer
    aligned REAL NOT NULL,                  -- shared characters in order, 0 where not looked at
    PRIMARY KEY (article_id, earlier_id)
) WITHOUT ROWID;
CREATE INDEX near_duplicate_pairs_earlier ON near_duplicate_pairs (earlier_id);

-- The articles that pairs connect have the same group, named by the least of their ids.
CREATE TABLE near_duplicate_groups (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL
);
CREATE INDEX near_duplicate_groups_group ON near_duplicate_groups (group_id);
