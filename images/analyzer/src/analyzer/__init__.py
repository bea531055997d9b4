"""The function that lets a model describe pictures and documents."""
