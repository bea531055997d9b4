"""The function that removes what nobody needs any more."""
