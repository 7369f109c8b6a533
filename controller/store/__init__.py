"""What the office remembers: tables, migrations, and how they are read and written."""
