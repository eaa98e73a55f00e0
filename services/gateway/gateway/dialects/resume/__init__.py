"""The résumé interview API, `/api/v1/resume-interview`."""
