-- The full-text index: tokens of the title and the text, see workbench/store/normal_form.py. It
-- keeps no text; what is deleted from it is computed again from articles.
-- By the first characters of tokens, single characters are found.
CREATE VIRTUAL TABLE search_index USING fts5 (
    title, text, content = '', tokenize = 'ascii', prefix = '1'
);

-- What filters ask of articles, without their texts.
CREATE INDEX articles_filters ON articles (date, source, script, added_at);

-- What the index holds of each article: a number made of its tokens.
CREATE TABLE search_digests (
    article_id INTEGER PRIMARY KEY,
    digest INTEGER NOT NULL
);
