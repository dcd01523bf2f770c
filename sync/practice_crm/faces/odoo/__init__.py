"""The practice CRM as an Odoo: JSON-RPC as up to 19, JSON-2 from 19 on."""

from sync.practice_crm.faces.odoo.json2 import OdooJson2Face
from sync.practice_crm.faces.odoo.jsonrpc import OdooJsonRpcFace

__all__ = ["OdooJson2Face", "OdooJsonRpcFace"]
