"""Where work orders live: SQLAlchemy on SQLite (embedded) or PostgreSQL. Knows no web, no model."""
