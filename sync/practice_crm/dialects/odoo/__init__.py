"""The practice CRM as an Odoo: JSON-RPC as up to 19, JSON-2 from 19 on."""

from sync.practice_crm.dialects.odoo.json2 import OdooJson2Dialect
from sync.practice_crm.dialects.odoo.jsonrpc import OdooJsonRpcDialect

__all__ = ["OdooJson2Face", "OdooJsonRpcFace"]
