-- Conversations: questions to articles and what was answered, kept to be taken up again.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL DEFAULT '',         -- '' until a person names it
    scope TEXT NOT NULL,                    -- article, selection or library
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE INDEX conversations_changed ON conversations (changed_at);

-- What a conversation is about; nothing where that is the whole library.
CREATE TABLE conversation_articles (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,              -- from 1
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (conversation_id, position)
) WITHOUT ROWID;
CREATE INDEX conversation_articles_article ON conversation_articles (article_id);

CREATE TABLE conversation_turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    job_id INTEGER,                         -- the one that is to answer it
    answer TEXT,                            -- JSON, as docs/asking.md describes it; NULL until then
    article_ids TEXT NOT NULL DEFAULT '[]', -- JSON: the articles it was put to, as the answer numbers them
    error TEXT NOT NULL DEFAULT ''          -- why there is no answer
);
CREATE INDEX conversation_turns_conversation ON conversation_turns (conversation_id);
