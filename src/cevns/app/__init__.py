"""The explorer: a local page on which models are moved over the data; the extra ``app``."""
