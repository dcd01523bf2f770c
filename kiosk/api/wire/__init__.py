"""What all parts of the API share: request and response models, problems, JSON, limits, and routing."""
