"""The coach: judges answers on evidence and writes the report. Stateless."""
