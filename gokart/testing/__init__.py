"""Help for the tests of users."""
