"""The one entrance (办事入口): an organisation sees its own records and cases, and applies."""
