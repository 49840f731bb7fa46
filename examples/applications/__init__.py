"""The same small application with FastAPI, Flask and Litestar, each on the database that its migrations use."""
