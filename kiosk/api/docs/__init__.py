"""The API reference: the table of endpoints, the OpenAPI document, and the page made from it."""
