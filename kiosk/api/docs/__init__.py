"""The API's reference: its OpenAPI document, and the page made from it."""
