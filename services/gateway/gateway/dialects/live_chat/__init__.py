"""The live chat API, `/api/v1/interview`."""
