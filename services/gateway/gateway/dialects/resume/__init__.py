"""The résumé-grounded API, `/api/v1/interviews`."""
