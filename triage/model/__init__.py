"""The shipped kind of model: hashed character n-grams into one weight table for all heads."""
