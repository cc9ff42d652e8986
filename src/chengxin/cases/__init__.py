"""Cases (事项办理): what happens to a record after publication — objection, withdrawal, repair."""
