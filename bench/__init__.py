"""Measurements (性能测量), kept runnable with small sizes: see docs/reference/performance.md."""
