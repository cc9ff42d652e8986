"""API (接口): the same data as the pages, for programs. One module per noun; errors are problem+json (RFC 9457)."""
