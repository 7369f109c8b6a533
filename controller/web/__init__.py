"""The console: pages from the server, live updates on top. See `app.build_app`."""
