"""The prompt field: drafts, attachments, notices and Send."""
