-- What a result makes of each article it is about: 1 read by the model, 2 summarised, 3 summarised
-- with a fact that is wrong, as long as there is no later summary. The status of an article is the
-- greatest of these.
ALTER TABLE result_articles ADD COLUMN standing INTEGER NOT NULL DEFAULT 1;
UPDATE result_articles SET standing = 2 WHERE result_id IN (
    SELECT results.id FROM results JOIN runs ON runs.id = run_id WHERE task = 'summarize'
);
UPDATE result_articles SET standing = 3 WHERE standing = 2 AND result_id = (
    SELECT max(later.result_id) FROM result_articles AS later
    WHERE later.article_id = result_articles.article_id AND later.standing = 2
) AND EXISTS (
    SELECT 1 FROM results, json_tree(results.result) AS found
    WHERE results.id = result_articles.result_id
    AND found.key = 'status' AND found.value IN ('differs', 'unsupported')
    AND found.path LIKE '%checks[%'
);
DROP INDEX result_articles_article;
CREATE INDEX result_articles_article ON result_articles (article_id, standing);
CREATE INDEX result_articles_standing ON result_articles (standing, article_id);

-- All that a list shows, filters and sorts by, without the texts. It begins as the index of filters
-- did, and takes its place.
DROP INDEX articles_filters;
CREATE INDEX articles_listed ON articles (date, source, script, added_at, characters, title);
CREATE INDEX articles_added ON articles (added_at);

-- Folders whose new and changed files are taken in while the app runs.
CREATE TABLE watched_folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    added_at TEXT NOT NULL
);
