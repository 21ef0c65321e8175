"""Files into articles: decode, extract, clean, split into passages, note the script."""
