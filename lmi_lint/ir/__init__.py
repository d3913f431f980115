"""The intermediate representation that every front-end lowers into."""
