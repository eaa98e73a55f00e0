"""What the tests of the session service share."""
