"""Lessons: claims of books, with the arms that answer them and what is expected of each."""
