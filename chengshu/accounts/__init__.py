"""Organisations, people, their posts and roles; the audit trail that every write leaves."""
