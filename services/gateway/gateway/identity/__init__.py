"""Who is calling: accounts, logins and tokens (Postgres schema `identity`)."""
