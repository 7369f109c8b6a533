"""Run by Alembic with a connection of ours (see `controller.store.migrate`)."""

from alembic import context

from controller.store.tablet_tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite can, once transactions are begun by hand, and a half-made database is
    # the last thing wanted.
    transactional_ddl=True,
)
context.run_migrations()
