"""The chassis every service runs on: broker, database, telemetry, health, settings."""
