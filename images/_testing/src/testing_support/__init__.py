"""What the tests of several functions share: stand-ins for AWS and for the vendors, and a queue's events."""
