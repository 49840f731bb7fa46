"""The service over HTTP, one router a subject."""
