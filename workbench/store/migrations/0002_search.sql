-- The full-text index: tokens of the title and the text, see workbench/store/normal_form.py. It
-- keeps no text; what is deleted from it is computed again from articles.
CREATE VIRTUAL TABLE search_index USING fts5 (title, text, content = '', tokenize = 'ascii');

-- What the index holds of each article: a number made of its tokens.
CREATE TABLE search_digests (
    article_id INTEGER PRIMARY KEY,
    digest INTEGER NOT NULL
);
