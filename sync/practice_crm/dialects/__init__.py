"""The APIs of other vendors that the practice CRM imitates: one module or package for each CRM."""
