"""What people can do, without HTTP."""
