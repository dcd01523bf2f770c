"""Odoo: leads are written by `load` with external ids, over JSON-RPC or JSON-2."""

from sync.connectors.odoo.connector import OdooConnector

__all__ = ["OdooConnector"]
