"""The practice CRM as an Odoo: JSON-RPC as up to 19, JSON-2 from 19 on."""

from sync.sandbox.faces.odoo.json2 import OdooJson2Face
from sync.sandbox.faces.odoo.jsonrpc import OdooJsonRpcFace

__all__ = ["OdooJson2Face", "OdooJsonRpcFace"]
