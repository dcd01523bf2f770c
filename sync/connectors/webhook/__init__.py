"""Leads posted to a receiver of your own, signed; docs/webhook.md is the contract."""

from sync.connectors.webhook.connector import WebhookConnector

__all__ = ["WebhookConnector"]
