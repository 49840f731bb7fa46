from alembic import context

context.configure(dialect_name="sqlite")
with context.begin_transaction():
    context.run_migrations()
