"""
Images in, payloads out: image sources, code decoders, and the capture loop that decides when a code counts as new.
"""
