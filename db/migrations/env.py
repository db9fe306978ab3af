"""Alembic's entry: runs migrations in the transaction that `db.schema` holds open.

Everything it needs is handed over in `config.attributes`; it reads no file and no variable.
"""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    transactional_ddl=True,  # SQLite's changes of tables roll back too: all of them or none
)
with context.begin_transaction():
    context.run_migrations()
