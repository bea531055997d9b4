"""The function that lets a new version of a function prove itself with a share of the traffic."""
