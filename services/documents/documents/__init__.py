"""Reads résumés and job descriptions, and finds in them what a question is about."""
