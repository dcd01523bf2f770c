"""The practice CRM's Odoo dialects: JSON-RPC as up to Odoo 19, JSON-2 as from 19 on."""

from sync.practice_crm.dialects.odoo.json2 import OdooJson2Dialect
from sync.practice_crm.dialects.odoo.jsonrpc import OdooJsonRpcDialect

__all__ = ["OdooJson2Dialect", "OdooJsonRpcDialect"]
