"""The catalog of MySQL and MariaDB as objects of a snapshot."""
