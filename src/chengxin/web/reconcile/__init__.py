"""Reconciliation service (名称核对服务) at /reconcile, after the W3C community group's API 0.2, as OpenRefine speaks it."""
