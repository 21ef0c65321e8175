"""How much of anything is read: no file may take memory or time without bound."""

TEXT = 20 * 1024**2
"""Bytes of one article's text, or of the page it is in; no article is that long."""
CONTAINER = 200 * 1024**2
"""Bytes of a PDF, a Word document, an EPUB, or an archive in an archive."""
SAVED_PAGE = 64 * 1024**2
"""Bytes of a web page saved with its pictures: its parser holds all of it several times."""
ARCHIVE = 4 * 1024**3
"""Bytes of a ZIP archive."""
UNPACKED = 8 * 1024**3
"""Bytes that are unpacked of one archive, those of archives inside it included."""
DOCUMENT = 1024**3
"""Bytes that are unpacked of one document that is an archive inside: a book, a Word document."""
MEMBERS = 200_000
"""Files in an archive."""
DIRECTORY = 64 * 1024**2
"""Bytes of an archive's list of files."""
RATIO = 200
"""Times a file in an archive may be larger than packed; text becomes 3 to 20 times smaller."""
RATIO_FROM = 1024**2
"""Smaller files are unpacked whatever their ratio."""
SAMPLE = 1024**2
"""Bytes of a dump that its encoding, its columns and its shape are judged by."""
DEPTH = 100
"""Levels of nesting in JSON."""
