"""Rules (核查规则): what each check looks at, one family a file; ``intake.checks`` puts them together for an item."""
