"""Faces: detection, embedding and matching; arrays in, arrays out."""
