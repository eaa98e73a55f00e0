"""What SQLModel, asyncpg and Alembic leave to us, once for all services.

- `tables`: columns that SQLModel does not make of annotations: moments with a time zone, and JSON.
- `tenants`: transactions that row-level security lets reach one person's rows, or everybody's.
- `migrations`: a schema of its own for each service, with the roles that it grants to; one environment for Alembic.

Each is imported by itself: SQLAlchemy takes half a second, and a service without it should not wait for it.
"""
