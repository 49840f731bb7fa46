"""What pytest gets: the history's tests on a scratch database, with ``pytest --migrator``."""
